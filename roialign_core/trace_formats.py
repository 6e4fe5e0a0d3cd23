"""A trace as others read it: a picture and a table for a notebook, plain values for JSON, its samples as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from roialign_core.trace import Trace

SIDE = 40  # pixels a cell
MOST_DRAWN = 400  # cells that are drawn one by one
COLUMNS = ("bin_row", "bin_column", "y", "x", "inside", "value", "share", "wins")
CORNERS = ("top_left", "top_right", "bottom_left", "bottom_right")


def as_dict(trace: Trace) -> dict[str, Any]:
    """Everything in a trace as lists, numbers and texts; a number that is not finite is None, as JSON has none.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> as_dict(trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 2))["output"]
    [[1.0, 1.25], [1.5, 1.75]]
    """
    operator = {field.name: _plain(getattr(trace.operator, field.name)) for field in fields(trace.operator)}
    values = {field.name: _plain(getattr(trace, field.name)) for field in fields(trace) if field.name != "operator"}
    return {"operator": operator, **values, "dtype": str(trace.output.dtype)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return str(value) if isinstance(value, str) else value


def as_csv(trace: Trace) -> str:
    """A line a sample: its bin, its place in map cells as drawn, its four cells with their weights, its value.

    >>> from roialign_core import ROI_ALIGN, trace
    >>> table = as_csv(trace(np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 0, 1, 1), ROI_ALIGN, 1, sampling_ratio=1))
    >>> table.splitlines()[1].split(",")[:6]
    ['0', '0', '0.5', '0.5', '1', '1.0']
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    cells = [f"{corner}_{what}" for corner in CORNERS for what in ("row", "column", "weight")]
    writer.writerow([*COLUMNS, *cells])
    corners = np.stack([trace.neighbor_y, trace.neighbor_x, trace.weights], axis=-1).reshape(-1, 12)
    for k, (row, column) in enumerate(trace.sample_bin.tolist()):
        place = [repr(float(v)) for v in (trace.sample_y[k], trace.sample_x[k])]
        read = [int(trace.sample_inside[k]), repr(float(trace.sample_value[k])), repr(float(trace.sample_share[k]))]
        around = [int(v) if n % 3 < 2 else repr(float(v)) for n, v in enumerate(corners[k])]
        writer.writerow([row, column, *place, *read, int(trace.sample_wins[k]), *around])
    return buffer.getvalue()


def as_html(trace: Trace) -> str:
    """A picture of the map, the box, the bins and the samples, and the output as a table; no script, no other file."""
    rows, columns = trace.feature_map.shape
    name = escape(f"{trace.operator.name}, {trace.output_size[0]}×{trace.output_size[1]}")
    body = "".join("<tr>" + "".join(f"<td>{float(value):.4f}</td>" for value in row) + "</tr>" for row in trace.output)
    table = f"<table><caption>{name}</caption>{body}</table>"
    if rows * columns > MOST_DRAWN:
        return f"<div>{table}<p>{rows}×{columns}</p></div>"
    finite = trace.feature_map[np.isfinite(trace.feature_map)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    drawn = []
    for (row, column), value in np.ndenumerate(trace.feature_map):
        level = (float(value) - low) / (high - low) if high > low and np.isfinite(value) else 0.0
        drawn.append(_rect((column, row, column + 1, row + 1), f'fill="rgb(31,87,150)" fill-opacity="{level:.2f}"'))
        at = f'x="{(column + 0.08) * SIDE:.1f}" y="{(row + 0.34) * SIDE:.1f}" font-size="11"'
        drawn.append(f"<text {at}>{float(value):.3g}</text>")
    for corners in trace.bin_corners.reshape(-1, 4, 2):
        points = " ".join(f"{x * SIDE:.1f},{y * SIDE:.1f}" for x, y in corners)
        drawn.append(f'<polygon points="{points}" fill="none" stroke="#0b8a68" stroke-dasharray="4 3"/>')
    drawn.append(_rect(trace.roi, 'fill="none" stroke="#0b8a68" stroke-width="3"'))
    drawn.append(_rect(trace.roi_used, 'fill="none" stroke="#d9730a" stroke-width="2" stroke-dasharray="6 4"'))
    chosen = trace.sample_wins if trace.sample_wins.any() else np.ones(len(trace.sample_y), bool)
    if int(chosen.sum()) <= MOST_DRAWN:
        for y, x in zip(trace.sample_y[chosen].tolist(), trace.sample_x[chosen].tolist(), strict=True):
            at = f"translate({x * SIDE:.1f} {y * SIDE:.1f})"
            drawn.append(f'<path d="M-5-5L5 5M5-5L-5 5" transform="{at}" stroke="#dc143c" stroke-width="2.5"/>')
    size = f'width="{(columns + 2) * SIDE}" height="{(rows + 2) * SIDE}"'
    box = f'viewBox="{-SIDE} {-SIDE} {(columns + 2) * SIDE} {(rows + 2) * SIDE}"'
    label = f'xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}"'
    picture = f"<svg {label} {size} {box}>{''.join(drawn)}</svg>"
    return f"<div>{picture}{table}</div>"


def _rect(box: Iterable[float], look: str) -> str:
    x1, y1, x2, y2 = (float(side) * SIDE for side in box)
    wide, high = max(x2 - x1, 0.0), max(y2 - y1, 0.0)
    return f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{wide:.1f}" height="{high:.1f}" {look}/>'
