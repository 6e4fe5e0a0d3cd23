"""The dot on the photo whose cell is predicted: the picture, and the answer in numbers."""

from __future__ import annotations

from roialign_core.backbone import span_of_cell
from roialign_lab.figures.style import INKS
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.photo import Photo
from roialign_lab.lesson.predict_cell import Dot


def answer_values(place: Dot) -> dict[str, object]:
    """What the sentence ``moment.predict.answer`` has room for."""
    row, column = place.cell
    return {
        "x": place.x,
        "y": place.y,
        "stride": place.stride,
        "row": row,
        "column": column,
        "down": number(place.y / place.stride, 2),
        "across": number(place.x / place.stride, 2),
        "middle_y": number(span_of_cell(row, place.stride)[1], 0),
        "middle_x": number(span_of_cell(column, place.stride)[1], 0),
    }


def dot_picture(photo: Photo, place: Dot, shown: bool) -> str:
    """The photo as SVG with the dot; with the grid and the dot's cell, where the answer is ``shown``."""
    height, width = photo.maps.photo_shape
    unit = max(height, width) / 100
    marks = []
    if shown:
        grid = [f"M{x} 0V{height}" for x in range(0, width, place.stride)]
        grid += [f"M0 {y}H{width}" for y in range(0, height, place.stride)]
        marks.append(f'<path d="{"".join(grid)}" stroke="#fff" stroke-opacity=".45" stroke-width="{unit / 8}"/>')
        (top, _, _), (left, _, _) = (span_of_cell(j, place.stride) for j in place.cell)
        frame = f'x="{left}" y="{top}" width="{place.stride}" height="{place.stride}" fill="none"'
        marks += [
            f'<rect {frame} stroke="{ink}" stroke-width="{unit * thick}"/>'
            for ink, thick in ((INKS["halo"].light, 0.9), (INKS["roi"].light, 0.5))
        ]
    at = f'cx="{place.x}" cy="{place.y}"'
    marks.append(
        f'<circle {at} r="{unit * (0.5 if shown else 1)}" fill="{INKS["sample"].light}" '
        f'stroke="{INKS["halo"].light}" stroke-width="{unit / 3}"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image href="{photo.preview}" width="{width}" height="{height}" preserveAspectRatio="none"/>'
        f"{''.join(marks)}</svg>"
    )
