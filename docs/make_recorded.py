"""Makes assets/recorded.npz from torchvision's recorded answers: the cases that the page can show as they were asked.

A page's box is in map cells with four decimals, and its stride a power of two, so that a case can be put on the stage
to the last bit where its sides are such numbers.

    python docs/make_recorded.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "tests" / "conformance" / "torchvision.npz"
RECORDED = ROOT / "assets" / "recorded.npz"
LEAST_SIDE = 0.05  # cells: what the stage can show


def main() -> None:
    """Group the cases by map, keep the boxes that lie on it, write the answers of every operator."""
    with np.load(ANSWERS) as answers:
        kept: dict[str, np.ndarray] = {}
        for k, case in enumerate(json.loads(str(answers["cases"]))):
            stride = 1 / case["spatial_scale"]
            if case["op"] not in ("roi_align", "roi_pool") or case["kind"] != "ties" or stride not in (1, 2):
                continue
            features, boxes = answers[f"{k}/features"], answers[f"{k}/boxes"]
            rows, columns = features.shape[2:]
            cells = boxes / stride
            shown = (cells >= 0).all(axis=1) & (cells[:, 2] <= columns) & (cells[:, 3] <= rows)
            shown &= (cells[:, 2:] - cells[:, :2] >= LEAST_SIDE).all(axis=1)
            name = f"recorded-{rows}x{columns}"
            call = case["op"]
            if call == "roi_align":
                call += f",{'aligned' if case['aligned'] else 'legacy'},{max(case['sampling_ratio'], 0)}"
            kept[f"{name}/map"], kept[f"{name}/boxes"] = features[0, 0], boxes[shown]
            kept[f"{name}/stride"] = np.array(stride)
            kept[f"{name}/{call}"] = answers[f"{k}/output"][shown, 0]
    np.savez_compressed(RECORDED, **kept)  # type: ignore[arg-type]
    print(f"{RECORDED.name}: {len(kept)} arrays")


if __name__ == "__main__":
    main()
