"""What the training of mask networks found: its tables, its chart, the sentence about it.

Beside it stand the numbers of Mask R-CNN's authors, on photographs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from roialign_lab.figures.charts import Part, trained_chart
from roialign_lab.lesson.mask_networks import STRIDES, TRAINED_WITH
from roialign_lab.lesson.mask_results import LIMITS, points, results, score
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.table import Table
from roialign_lab.lesson.text import Text

VARIANTS = ("roi_pool", "roi_pool_mean", "roi_warp", "roi_align", "roi_align_1", "roi_align_max", "roi_align_legacy")
AT_STRIDE = 16  # of the variants
SIZES = ("small", "medium", "large")
SPOKEN = "above_0.75"
PAPER = (
    ("RoIPool", "16", "26.9", "48.8", "26.4"),
    ("RoIWarp", "16", "27.2", "49.2", "27.1"),
    ("RoIAlign, max", "16", "30.2", "51.0", "31.8"),
    ("RoIAlign, mean", "16", "30.3", "51.2", "31.5"),
    ("RoIPool", "32", "23.6", "46.5", "21.6"),
    ("RoIAlign", "32", "30.9", "51.8", "32.1"),
)
"""Operator, stride, mask AP, AP50, AP75 (He et al., Mask R-CNN, 2017: table 2c, ResNet-50-C4, and 2d, ResNet-50-C5)."""


def table_of_strides(text: Text) -> Table:
    """RoI Pooling beside RoI Align at each stride: mean IoU, and the share of masks above each limit."""
    return _table(
        [(text(f"trained.variant_{name}"), name, stride) for stride in STRIDES for name in TRAINED_WITH], text
    )


def table_of_variants(text: Text) -> Table:
    """Every operator that was trained, at one stride."""
    return _table([(text(f"trained.variant_{name}"), name, AT_STRIDE) for name in VARIANTS], text)


def table_of_paper(text: Text) -> Table:
    """The numbers of Mask R-CNN's authors."""
    return Table((text("trained.operator"), text("trained.stride"), "mask AP", "AP50", "AP75"), PAPER)


def table_of_mix(text: Text) -> Table:
    """Networks trained with one operator and tested with another: the share of masks above one limit, seed 0."""
    names = ("roi_pool", "roi_align", "roi_align_legacy")
    runs = {run["operator"]: run["tested_with"] for run in results()["runs"] if (run["stride"], run["seed"]) == (16, 0)}
    rows = (
        (text(f"trained.variant_{name}"), *(_percent(runs[name][other]["held_out"][SPOKEN]) for other in names))
        for name in names
    )
    head = (
        text("trained.trained_with"),
        *(text("trained.tested_with", name=text(f"trained.variant_{n}")) for n in names),
    )
    return Table(head, tuple(rows))


def chart(text: Text) -> Part:
    """The share of masks above one limit by stride, a panel a size of objects, a point a seed."""
    lines = {
        name: [[score(name, stride, SPOKEN, size) for stride in STRIDES] for size in SIZES] for name in TRAINED_WITH
    }
    seeds = {name: [[s.seeds if s else () for s in row] for row in rows] for name, rows in lines.items()}
    return trained_chart(seeds, [text(f"trained.{size}") for size in SIZES], STRIDES, text)


def sentence(text: Text) -> str:
    """The gap between the two operators above one limit at each stride, and its spread over the seeds."""
    return text("trained.says", gaps=text("trained.join").join(gaps(text)))


def gaps(text: Text) -> tuple[str, ...]:
    """That gap at each stride."""
    found = results()["align_less_pool"]
    return tuple(_gap(stride, found[str(stride)]["held_out"][SPOKEN], text) for stride in STRIDES)


def _gap(stride: int, gap: Mapping[str, Any], text: Text) -> str:
    said = {name: points(gap[name]) for name in ("mean", "least", "most")}
    seeds = len(gap["seeds"])
    return text("trained.gap" if seeds > 1 else "trained.gap_once", stride=stride, seeds=seeds, **said)


def _table(networks: Sequence[tuple[str, str, int]], text: Text) -> Table:
    head = ("operator", "stride", "seeds", "mean_iou", *LIMITS)
    names = (text("trained." + name.replace(".", "_")) for name in head)
    return Table(tuple(names), tuple(row for network in networks if (row := _row(*network))))


def _row(label: str, operator: str, stride: int) -> tuple[str, ...]:
    scores = [score(operator, stride, measure) for measure in ("mean_iou", *LIMITS)]
    found = [one for one in scores if one is not None]
    if not found:
        return ()
    iou, *shares = (one.mean for one in found)
    return (label, str(stride), str(len(found[0].seeds)), number(iou, 3), *map(_percent, shares))


def _percent(share: float) -> str:
    return f"{points(share)} %"
