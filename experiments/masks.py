"""Trains one small mask network once with each operator, on drawn pictures, and tests all on pictures never seen.

    pip install -r experiments/requirements.txt
    python experiments/masks.py --quick      # RoI Pool and RoI Align at stride 16, one seed: a table
    python experiments/masks.py --full       # every network of the table: assets/mask_results.json, a network at a time
    python experiments/masks.py --record     # torch's answers for the tests: tests/conformance/mask_networks.npz

Every operator starts from the same numbers, sees the same batches in the same order and follows the same schedule. See
experiments/README.md for what is measured, and what is not.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from roialign_core import (  # noqa: E402
    ROI_ALIGN,
    ROI_ALIGN_LEGACY,
    ROI_ALIGN_MAX,
    ROI_POOL,
    ROI_WARP,
    Operator,
    extract,
    roi_align,
)
from roialign_core.batch_max import is_pooling  # noqa: E402
from roialign_core.geometry import Floats, cells_read, sides_on_map  # noqa: E402
from roialign_core.masks import mask_iou, paste_mask  # noqa: E402
from roialign_core.matrices import box_matrices  # noqa: E402
from roialign_core.network import BINS, GROUPS, HEAD, LAST, MAP, MASK, WIDTHS, MaskNetwork, halvings  # noqa: E402
from roialign_core.operators import Aggregate  # noqa: E402
from roialign_lab.lesson.drawn_pictures import (  # noqa: E402
    FIRST_HELD_OUT,
    SIDE,
    TRAINED,
    UNSEEN,
    draw_picture,
    jittered_boxes,
)

RESULTS = ROOT / "assets" / "mask_results.json"
WEIGHTS = ROOT / "assets" / "mask_networks.npz"
RECORDED = ROOT / "tests" / "conformance" / "mask_networks.npz"


@dataclass(frozen=True)
class Variant:
    """An operator of the core, and how many samples a bin it takes on each axis."""

    operator: Operator
    samples: int = 1


VARIANTS = {
    "roi_pool": Variant(ROI_POOL),
    "roi_align": Variant(ROI_ALIGN, 2),
    "roi_align_legacy": Variant(ROI_ALIGN_LEGACY, 2),
    "roi_warp": Variant(ROI_WARP),
    "roi_align_1": Variant(ROI_ALIGN, 1),
    "roi_align_max": Variant(ROI_ALIGN_MAX, 2),
    "roi_pool_mean": Variant(replace(ROI_POOL, name="RoI Pooling (mean)", aggregate=Aggregate.MEAN)),
}
SWAPPED = ("roi_pool", "roi_align", "roi_align_legacy")
"""Every network trained with one of these is also tested with the two others."""
PAIR = ("roi_pool", "roi_align")
STRIDES, SEEDS = (16, 8, 32), (0, 1, 2)
RATES = (1e-3, 3e-3, 1e-2)
SHOWN = [(name, stride) for stride in (8, 16, 32) for name in PAIR]
"""The networks whose weights the lesson carries, of seed 0."""

PICTURES, HELD_OUT = 2400, 250
STEPS, CHECK_STEPS, BATCH, RATE = 900, 300, 16, 3e-3
SIZES = {"small": (0, 26), "medium": (26, 39), "large": (39, SIDE)}
"""Objects by the square root of the area of their box, in pixels: about a third of them each."""
GROUPS_OF_OBJECTS = ("held_out", *SIZES, "unseen_shapes")
LIMITS = (0.5, 0.75, 0.9)


# ---- pictures -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Objects:
    """N pictures (N, 3, SIDE, SIDE) and their K objects: the picture of each, its box as found, mask and target."""

    images: torch.Tensor
    picture: np.ndarray
    boxes: Floats
    masks: np.ndarray
    targets: torch.Tensor


@cache
def objects(first_seed: int, pictures: int, shapes: tuple[str, ...]) -> Objects:
    """Pictures from seeds one after another. A target (MASK, MASK) is the true mask within the box as found."""
    drawn = [draw_picture(first_seed + k, shapes) for k in range(pictures)]
    boxes = [jittered_boxes(one, first_seed + k) for k, one in enumerate(drawn)]
    targets = [
        roi_align(
            one.masks[:, None].astype(np.float32), np.column_stack([np.arange(len(found)), found]), MASK, 1, 2, True
        )
        for one, found in zip(drawn, boxes, strict=True)
    ]
    return Objects(
        torch.from_numpy(np.stack([one.image.transpose(2, 0, 1) for one in drawn])),
        np.repeat(np.arange(pictures), [len(found) for found in boxes]),
        np.concatenate(boxes),
        np.concatenate([one.masks for one in drawn]),
        torch.from_numpy(np.concatenate(targets)[:, 0] >= 0.5).float(),
    )


# ---- operators ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Readings:
    """An operator on K boxes of one stride: the greatest of ``Wy @ map @ Wx.T`` over pairs of matrices.

    ``down`` (m, K, BINS, H) and ``across`` (n, K, BINS, W): of an operator that takes means there is one of each. A
    maximum has one a sample, or one a cell of a bin.
    """

    down: torch.Tensor
    across: torch.Tensor

    def of(self, chosen: np.ndarray) -> Readings:
        """The matrices of some of the boxes."""
        return Readings(self.down[:, chosen], self.across[:, chosen])

    def read(self, maps: torch.Tensor) -> torch.Tensor:
        """The map of each box (K, C, H, W) to its bins (K, C, BINS, BINS)."""
        best: torch.Tensor | None = None
        for down in self.down:
            rows = torch.matmul(down[:, None], maps)
            for across in self.across:
                value = torch.matmul(rows, across[:, None].transpose(2, 3))
                best = value if best is None else torch.maximum(best, value)
        assert best is not None
        return best


def readings(variant: Variant, boxes: Floats, stride: int, cells: tuple[int, int] | None = None) -> Readings:
    """The matrices of the core for boxes (K, 4) in pixels, on maps of ``cells``, by default of a whole picture."""
    cells = cells or (SIDE // stride, SIDE // stride)
    boxes, operator, n = boxes.astype(np.float32), variant.operator, variant.samples
    if is_pooling(operator):
        sides = sides_on_map(boxes, np.float32(1 / stride), operator)
        down, across = (
            cells_of_bins(cells_read(sides[:, axis], BINS, cells[k], operator, operator.split[k]), cells[k])
            for k, axis in enumerate(([1, 3], [0, 2]))
        )
    elif operator.aggregate is Aggregate.MAX:  # n samples a bin are one sample in each of n times as many bins
        one = replace(operator, aggregate=Aggregate.MEAN)
        each = box_matrices(boxes, (BINS * n, BINS * n), cells, 1 / stride, one, (1, 1))
        down, across = (np.stack([matrices.weights[:, k::n] for k in range(n)]) for matrices in each)
    else:
        each = box_matrices(boxes, (BINS, BINS), cells, 1 / stride, operator, (n, n))
        down, across = (matrices.weights[None] for matrices in each)
    return Readings(torch.from_numpy(down), torch.from_numpy(across))


def cells_of_bins(spans: np.ndarray, cells: int) -> Floats:
    """Spans of cells (K, P, 2) as matrices (m, K, P, cells) of one cell a bin: the first, the second … the last again.

    All 0 for a bin without cells, whose output is 0.
    """
    first, last = spans[..., 0], spans[..., 1]
    which = [np.minimum(first + k, last - 1) for k in range(max(int((last - first).max(initial=1)), 1))]
    chosen = [(np.arange(cells) == cell[..., None]) & (last > first)[..., None] for cell in which]
    return np.stack(chosen).astype(np.float32)


def check_operators(boxes: int = 200) -> float:
    """How far the operators in torch are from the core's at most, on random maps and boxes, some beyond the map."""
    rng, farthest = np.random.default_rng(5), 0.0
    for stride in STRIDES:
        cells = SIDE // stride
        features = rng.normal(size=(1, 3, cells, cells)).astype(np.float32)
        corners = np.sort(rng.uniform(-10, SIDE + 10, (boxes, 2, 2)), axis=1).reshape(boxes, 4)
        for name, variant in VARIANTS.items():
            table = np.column_stack([np.zeros(boxes), corners])
            expected = extract(features, table, variant.operator, BINS, 1 / stride, variant.samples)
            maps = torch.from_numpy(features).expand(boxes, -1, -1, -1)
            found = readings(variant, corners, stride).read(maps).numpy()
            off = float(np.abs(found - expected).max())
            farthest = max(farthest, off)
            if off > 3e-5:
                raise AssertionError(f"{name} at stride {stride} is {off} from roialign_core")
    return farthest


# ---- the network --------------------------------------------------------------------------------------------------


def block(before: int, after: int, stride: int = 1) -> list[nn.Module]:
    """A 3 x 3 convolution, group norm and ReLU."""
    return [nn.Conv2d(before, after, 3, stride, 1), nn.GroupNorm(GROUPS, after), nn.ReLU()]


class Network(nn.Module):
    """``body``: a picture to a map of one stride. ``head``: the bins of one box to the logits of its mask."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        widths = [3, *WIDTHS[: halvings(stride)]]
        layers = [layer for k in range(halvings(stride)) for layer in block(widths[k], widths[k + 1], 2)]
        self.body = nn.Sequential(*layers, *block(widths[-1], MAP))
        enlarged = [nn.ConvTranspose2d(HEAD, LAST, 2, 2), nn.ReLU(), nn.Conv2d(LAST, 1, 1)]
        self.head = nn.Sequential(*block(MAP, HEAD), *block(HEAD, HEAD), *enlarged)

    def forward(self, images: torch.Tensor, image_of_box: torch.Tensor, read: Readings) -> torch.Tensor:
        """Logits (K, MASK, MASK)."""
        return self.head(read.read(self.body(images)[image_of_box]))[:, 0]


@dataclass(frozen=True)
class Planned:
    """One network to train: the list of the results it belongs to, and all that decides its numbers."""

    which: str
    operator: str
    stride: int
    seed: int = 0
    rate: float = RATE
    steps: int = STEPS

    @property
    def key(self) -> dict[str, Any]:
        """How the results name it."""
        return {field: value for field, value in asdict(self).items() if field != "which"}

    def is_in(self, kept: dict[str, Any]) -> bool:
        """True where it was trained already."""
        return any(self.key.items() <= one.items() for one in kept[self.which])


def train(planned: Planned, pause: Callable[[], object]) -> tuple[Network, float]:
    """A network and its mean loss over the last tenth of the steps. ``pause`` is called between steps."""
    stride, rate, steps, seed = planned.stride, planned.rate, planned.steps, planned.seed
    of = objects(0, PICTURES, TRAINED)
    every = readings(VARIANTS[planned.operator], of.boxes, stride)
    of_picture = np.split(np.arange(len(of.boxes)), np.flatnonzero(np.diff(of.picture)) + 1)
    torch.manual_seed(seed)
    network, rng, losses = Network(stride), np.random.default_rng(seed), []
    optimizer = torch.optim.AdamW(network.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    for step in range(steps):
        if step % 50 == 0:
            pause()
        pictures = rng.choice(PICTURES, BATCH, replace=False)
        chosen = np.concatenate([of_picture[k] for k in pictures])
        image_of_box = torch.from_numpy(np.repeat(np.arange(BATCH), [len(of_picture[k]) for k in pictures]))
        logits = network(of.images[pictures], image_of_box, every.of(chosen))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, of.targets[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return network.eval(), float(np.mean(losses[-steps // 10 :]))


# ---- what is measured ---------------------------------------------------------------------------------------------


def overlaps(network: Network, name: str, stride: int, shapes: tuple[str, ...]) -> Floats:
    """IoU (K,) of each held-out object: its mask at the resolution of the picture, against the true one."""
    of = objects(FIRST_HELD_OUT, HELD_OUT, shapes)
    every = readings(VARIANTS[name], of.boxes, stride)
    found = []
    with torch.no_grad():
        for k in range(HELD_OUT):
            chosen = np.flatnonzero(of.picture == k)
            logits = network(of.images[k : k + 1], torch.zeros(len(chosen), dtype=torch.long), every.of(chosen))
            found += [*torch.sigmoid(logits).numpy()]
    pasted = (paste_mask(mask, box, SIDE) for mask, box in zip(found, of.boxes, strict=True))
    return np.array([mask_iou(mask, truth) for mask, truth in zip(pasted, of.masks, strict=True)])


def scores(iou: Floats) -> dict[str, Any]:
    """The mean, and the share of objects above each of :data:`LIMITS`."""
    shares = {f"above_{limit}": round(float(np.mean(iou > limit)), 4) for limit in LIMITS}
    return {"objects": len(iou), "mean_iou": round(float(iou.mean()), 4), **shares}


def measured(network: Network, name: str, stride: int) -> dict[str, Any]:
    """Scores on held-out pictures, by size too, and on shapes that the training never held."""
    iou, unseen = (overlaps(network, name, stride, shapes) for shapes in (TRAINED, UNSEEN))
    x1, y1, x2, y2 = objects(FIRST_HELD_OUT, HELD_OUT, TRAINED).boxes.T
    size = np.sqrt((x2 - x1) * (y2 - y1))
    by_size = {key: scores(iou[(size >= low) & (size < high)]) for key, (low, high) in SIZES.items()}
    return {"held_out": scores(iou), **by_size, "unseen_shapes": scores(unseen)}


def run(planned: Planned, pause: Callable[[], float]) -> tuple[Network, dict[str, Any]]:
    """Train one network and measure it, a network of the runs with the operators of :data:`SWAPPED` too."""
    begun, waited = time.monotonic(), 0.0

    def count() -> None:
        nonlocal waited
        waited += pause()

    count()  # before the pictures are drawn
    network, loss = train(planned, count)
    seconds = time.monotonic() - begun - waited
    name = planned.operator
    others = [other for other in SWAPPED if other != name] if planned.which == "runs" and name in SWAPPED else []
    tested = {other: measured(network, other, planned.stride) for other in [name, *others]}
    return network, {**planned.key, "loss": round(loss, 4), "training_seconds": round(seconds), "tested_with": tested}


# ---- results ------------------------------------------------------------------------------------------------------


def plan() -> list[Planned]:
    """Every network, the most important first."""
    others = [name for name in VARIANTS if name not in PAIR]
    pairs = [Planned("runs", name, stride, seed) for seed in SEEDS for stride in STRIDES for name in PAIR]
    variants = [Planned("runs", name, 16, seed) for seed in SEEDS for name in others]
    rates = [Planned("rate_check", name, 16, 0, rate, CHECK_STEPS) for name in [*PAIR, *others] for rate in RATES]
    once, checked = len(PAIR) * (len(STRIDES) + 1), len(PAIR) * len(RATES)  # a seed, and stride 16 of the next
    first = [*pairs[:once], *rates[:checked], *variants[: len(others)]]
    return [*first, *pairs[once:], *variants[len(others) :], *rates[checked:]]


def settings() -> dict[str, Any]:
    """What every number of the results depends on, as JSON has it."""
    decided = {
        "pictures": PICTURES,
        "held_out_pictures": HELD_OUT,
        "picture_side": SIDE,
        "batch": BATCH,
        "steps": STEPS,
        "rate": RATE,
        "bins": BINS,
        "mask": MASK,
        "widths": [*WIDTHS, MAP, HEAD, LAST],
        "trained_shapes": TRAINED,
        "unseen_shapes": UNSEEN,
        "sizes_in_pixels": SIZES,
    }
    return dict(json.loads(json.dumps(decided)))


def gaps(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """RoI Align less RoI Pool at each stride, by group of objects: each seed's, and from the least to the most."""
    of = {(one["stride"], one["operator"], one["seed"]): one["tested_with"][one["operator"]] for one in runs}
    found: dict[str, Any] = {}
    for stride in sorted(STRIDES):
        seeds = [seed for seed in SEEDS if all((stride, name, seed) in of for name in PAIR)]
        for group in GROUPS_OF_OBJECTS if seeds else ():
            for score in ("mean_iou", "above_0.75"):
                pool, align = ([of[stride, name, seed][group][score] for seed in seeds] for name in PAIR)
                gap = [round(a - p, 4) for a, p in zip(align, pool, strict=True)]
                spread = {"mean": round(float(np.mean(gap)), 4), "least": min(gap), "most": max(gap)}
                found.setdefault(str(stride), {}).setdefault(group, {})[score] = {"seeds": seeds, "gap": gap, **spread}
    return found


def contradictions(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a lesson would not expect: RoI Pool ahead of RoI Align, or a network read better by another operator."""
    found = []
    for stride, groups in gaps(runs).items():
        for group, by_score in groups.items():
            for score, gap in by_score.items():
                for seed, each in zip(gap["seeds"], gap["gap"], strict=True):
                    if each <= 0:
                        found.append({"stride": int(stride), "seed": seed, "group": group, "pool_ahead_in": score})
    for run in runs:
        own = run["tested_with"][run["operator"]]
        for other, tested in run["tested_with"].items():
            for score in ("mean_iou", "above_0.75"):
                if tested["held_out"][score] > own["held_out"][score]:
                    which = {key: run[key] for key in ("operator", "stride", "seed")}
                    found.append({**which, "better_read_with": other, "in": score})
    return found


def full(pause: Callable[[], float]) -> None:
    """Train what ``mask_results.json`` lacks, and write it after each network."""
    kept: dict[str, Any] = {"runs": [], "rate_check": [], "versions": []}
    if RESULTS.exists():
        before = json.loads(RESULTS.read_text(encoding="utf-8"))
        kept = before if before["settings"] == settings() else kept
    write_results(kept)
    for planned in plan():
        if planned.is_in(kept):
            continue
        network, result = run(planned, pause)
        if (planned.operator, planned.stride) in SHOWN and planned.which == "runs" and planned.seed == 0:
            keep_weights(network, planned.operator, planned.stride)
        kept[planned.which].append(result)
        write_results(kept)
        print_row(result)


def write_results(kept: dict[str, Any]) -> None:
    """All that was found, a line for each set of scores. The file is whole at any time."""
    now = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
    results = {
        "command": "python experiments/masks.py --full",
        "versions": kept["versions"] + [now] * (now not in kept["versions"]),
        "threads": torch.get_num_threads(),
        "settings": settings(),
        "missing": [{"which": each.which, **each.key} for each in plan() if not each.is_in(kept)],
        "align_less_pool": gaps(kept["runs"]),
        "contradictions": contradictions(kept["runs"]),
        "runs": kept["runs"],
        "rate_check": kept["rate_check"],
    }
    text = re.sub(r"[{\[][^{}\[\]]*[}\]]", lambda inner: " ".join(inner[0].split()), json.dumps(results, indent=1))
    part = RESULTS.with_suffix(".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(RESULTS)


def keep_weights(network: Network, name: str, stride: int) -> None:
    """Add the numbers of one network to the file of the lesson, rounded to float16."""
    arrays: dict[str, Any] = {}
    if WEIGHTS.exists():
        with np.load(WEIGHTS) as old:
            arrays = {key: old[key] for key in old.files}
    for key, value in network.state_dict().items():
        arrays[f"{name}/{stride}/{key}"] = value.numpy().astype(np.float16)
    np.savez_compressed(WEIGHTS, **arrays)


def record() -> None:
    """What torch computes, in float32, with the weights of the lesson as they are stored.

    Of a held-out picture ``whole``, and ``cut`` to sides that no stride divides.
    """
    whole = draw_picture(FIRST_HELD_OUT + 3)
    boxes = jittered_boxes(whole, FIRST_HELD_OUT + 3)
    images = {"whole": whole.image, "cut": whole.image[:109, :119]}
    arrays: dict[str, Any] = {
        "boxes": boxes,
        **{name: np.round(image * 255).astype(np.uint8) for name, image in images.items()},
    }
    for name, stride in SHOWN:
        network = Network(stride).eval()
        weights = MaskNetwork.load(WEIGHTS, name, stride).weights
        network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
        for which, image in images.items():
            with torch.no_grad():
                maps = network.body(torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None])
                every = readings(VARIANTS[name], boxes, stride, tuple(maps.shape[2:]))
                masks = torch.sigmoid(network.head(every.read(maps.expand(len(boxes), -1, -1, -1))))[:, 0]
            arrays[f"{name}/{stride}/{which}/masks"] = masks.numpy()
            if which == "cut":
                arrays[f"{name}/{stride}/{which}/features"] = maps[0].numpy()
    np.savez_compressed(RECORDED, **arrays)
    print(f"{RECORDED.name}: {len(arrays)} arrays")


def print_row(result: dict[str, Any]) -> None:
    """One line a network, its own operator only."""
    own = result["tested_with"][result["operator"]]
    columns = (f"{own[group]['mean_iou']:.3f} {own[group]['above_0.75']:.3f}" for group in own)
    what = f"{result['operator']:17} stride {result['stride']:2} seed {result['seed']} rate {result['rate']:g}"
    print(f"{what:47} {' | '.join(columns)} | {result['training_seconds']} s", flush=True)


def waiting_for(path: Path | None) -> Callable[[], float]:
    """A call that waits as long as a file exists, and says how many seconds it waited."""

    def pause() -> float:
        begun = time.monotonic()
        while path is not None and path.exists():
            time.sleep(2)
        return time.monotonic() - begun

    return pause


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--quick", action="store_true", help="RoI Pool and RoI Align at stride 16: print a table")
    choice.add_argument("--full", action="store_true", help="every network; goes on where it was stopped")
    choice.add_argument("--record", action="store_true", help="write torch's answers for the tests")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--pause-while", type=Path, metavar="FILE", help="wait between steps while this file exists")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    pause = waiting_for(given.pause_while)
    print(f"operators in torch are within {check_operators():.1e} of roialign_core")
    if given.record:
        record()
        return
    print("mean IoU and share above 0.75, of held-out objects: all | small | medium | large | unseen shapes")
    if given.full:
        full(pause)
        return
    for name in PAIR:
        print_row(run(Planned("quick", name, 16), pause)[1])


if __name__ == "__main__":
    main()
