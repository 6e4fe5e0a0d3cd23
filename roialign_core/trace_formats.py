"""Formats in which a trace leaves Python: plain values for JSON, a table as CSV, a picture as HTML for a notebook.

Nothing here knows the class :class:`roialign_core.trace.Trace`, which calls these functions with its fields.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roialign_core.geometry import Floats

SIDE = 40  # pixels a cell
MOST_DRAWN = 400  # cells, and samples, that are drawn each


def plain_values(value: Any) -> Any:
    """Dataclasses as dictionaries, arrays and tuples as lists; a number that is not finite is None, as JSON has none.

    >>> plain_values((np.array([1.0, np.nan]), "text", True))
    [[1.0, None], 'text', True]
    """
    if is_dataclass(value):
        return {field.name: plain_values(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        plain = value.astype(object)
        plain[~np.isfinite(value)] = None
        return plain.tolist()
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return str(value) if isinstance(value, str) else value


def csv_table(columns: Mapping[str, NDArray]) -> str:
    """Columns (n,) of numbers by name as CSV, every digit kept.

    >>> csv_table({"row": np.array([0, 1]), "weight": np.array([0.25, 0.5])})
    'row,weight\\n0,0.25\\n1,0.5\\n'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    return buffer.getvalue()


def html_picture(
    *,
    name: str,
    feature_map: Floats,
    output: Floats,
    bin_corners: Floats,
    roi: Floats,
    roi_used: Floats,
    samples: Floats,
) -> str:
    """A feature map (H, W) as an SVG picture, and the output as a table; no script and no other file is needed.

    ``bin_corners`` (ph, pw, 4, 2), ``roi`` and ``roi_used`` (4,), ``samples`` (S, 2) as x and y: map cells as drawn.
    A map of more than :data:`MOST_DRAWN` cells is not drawn, nor are more samples.
    """
    rows, columns = feature_map.shape
    name = escape(name)
    body = "".join("<tr>" + "".join(f"<td>{value:.4f}</td>" for value in row) + "</tr>" for row in output.tolist())
    table = f"<table><caption>{name}</caption>{body}</table>"
    if rows * columns > MOST_DRAWN:
        return f"<div>{table}<p>{rows}×{columns}</p></div>"
    finite = feature_map[np.isfinite(feature_map)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    drawn = []
    for (row, column), value in np.ndenumerate(feature_map):
        level = (float(value) - low) / (high - low) if high > low and np.isfinite(value) else 0.0
        drawn.append(_rect((column, row, column + 1, row + 1), f'fill="rgb(31,87,150)" fill-opacity="{level:.2f}"'))
        place = f'x="{(column + 0.08) * SIDE:.1f}" y="{(row + 0.34) * SIDE:.1f}" font-size="11"'
        ink = "#ffffff" if level > 0.5 else "currentColor"  # of a notebook, light or dark
        drawn.append(f'<text {place} fill="{ink}">{float(value):.3g}</text>')
    for corners in bin_corners.reshape(-1, 4, 2):
        points = " ".join(f"{x * SIDE:.1f},{y * SIDE:.1f}" for x, y in corners)
        drawn.append(f'<polygon points="{points}" fill="none" stroke="#0b8a68" stroke-dasharray="4 3"/>')
    drawn.append(_rect(roi, 'fill="none" stroke="#0b8a68" stroke-width="3"'))
    drawn.append(_rect(roi_used, 'fill="none" stroke="#d9730a" stroke-width="2" stroke-dasharray="6 4"'))
    for x, y in samples.tolist() if len(samples) <= MOST_DRAWN else []:
        place = f"translate({x * SIDE:.1f} {y * SIDE:.1f})"
        drawn.append(f'<path d="M-5-5L5 5M5-5L-5 5" transform="{place}" stroke="#dc143c" stroke-width="2.5"/>')
    size = f'width="{(columns + 2) * SIDE}" height="{(rows + 2) * SIDE}"'
    view = f'viewBox="{-SIDE} {-SIDE} {(columns + 2) * SIDE} {(rows + 2) * SIDE}"'
    label = f'xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}"'
    picture = f"<svg {label} {size} {view}>{''.join(drawn)}</svg>"
    return f"<div>{picture}{table}</div>"


def _rect(box: Iterable[float], style: str) -> str:
    x1, y1, x2, y2 = (float(side) * SIDE for side in box)
    width, height = max(x2 - x1, 0.0), max(y2 - y1, 0.0)
    return f'<rect x="{x1:.1f}" y="{y1:.1f}" width="{width:.1f}" height="{height:.1f}" {style}/>'
