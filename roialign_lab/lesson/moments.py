"""Teaching moments: scenarios with a number that surprises, each computed by the core when it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from roialign_core.backbone import cell_of_pixel, span_of_cell
from roialign_core.batch import crop_and_resize
from roialign_core.geometry import Floats, iou
from roialign_core.gradients import map_gradient
from roialign_core.operators import ROI_ALIGN, ROI_POOL, ROI_WARP, Operator
from roialign_core.pyramid import fpn_levels
from roialign_core.rounding import rounding_cost
from roialign_core.trace import Trace
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.scenario import Focus, Scenario, of_photo

Values = Mapping[str, str]
PLACES = 64  # of a box within a cell, along each axis
LEAST_WEIGHT = 1e-9  # of a cell that is read: a × on the centre of a cell leaves less than that to the next by rounding


@dataclass(frozen=True)
class Moment:
    """``moment.KEY`` in the catalogues has a title and a sentence with room for :attr:`values`.

    ``page`` is the page on which it stands and opens ``scenario``; ``recipe`` is code that it shows.
    """

    key: str
    page: str
    scenario: Scenario
    compute: Callable[[Scenario], Values]
    recipe: Callable[..., Floats] | None = None

    @cached_property
    def values(self) -> Values:
        """The numbers of the sentence, computed once.

        >>> moments_of("gradients")[0].values
        {'pool': '3', 'align': '42', 'all': '64'}
        """
        return self.compute(self.scenario)


def moments_of(page: str) -> tuple[Moment, ...]:
    """The moments of one page, in their order."""
    return tuple(moment for moment in MOMENTS if moment.page == page)


def cells_reached(trace: Trace) -> int:
    """How many cells of the map the output depends on: those that get a gradient."""
    return int(np.count_nonzero(map_gradient(trace) > LEAST_WEIGHT))


def share_read(trace: Trace) -> float:
    """Which part of the cells of a box with whole sides RoI Align reads.

    >>> scenario = Scenario(map="random-16x16-7", box=(2, 2, 12, 12), samples=1)  # two cells of five on each axis
    >>> share_read(scenario.trace(ROI_ALIGN))
    0.04
    """
    x1, y1, x2, y2 = trace.roi.astype(int)
    return float((map_gradient(trace)[y1:y2, x1:x2] > LEAST_WEIGHT).mean())


def median_iou(side: float, stride: int) -> float:
    """The median, over all places in a cell, of the IoU of a square box in pixels with what RoI Pooling reads.

    >>> round(median_iou(32, 16), 2), round(median_iou(128, 16), 2)
    (0.38, 0.75)
    """
    at = (np.arange(PLACES) + 0.5) / PLACES * stride
    corner = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2)
    return float(np.median(rounding_cost(np.concatenate([corner, corner + side], axis=1), stride).iou))


def align_by_crops(values: Floats, box: Floats, bins: int, samples: int) -> Floats:
    """RoI Align (aligned) of a map (H, W) and a box in cells, by crop_and_resize."""
    x1, y1, x2, y2 = box
    points = bins * samples
    half_y = (y2 - y1) / points / 2  # half a step from point to point
    half_x = (x2 - x1) / points / 2
    last_row, last_column = values.shape[0] - 1, values.shape[1] - 1
    normalised = [  # TensorFlow's coordinates: 0 is the centre of the first cell
        (y1 + half_y - 0.5) / last_row,
        (x1 + half_x - 0.5) / last_column,
        (y2 - half_y - 0.5) / last_row,
        (x2 - half_x - 0.5) / last_column,
    ]
    crop = crop_and_resize(values[None, None], [[0, *normalised]], points)[0, 0]
    return crop.reshape(bins, samples, bins, samples).mean(axis=(1, 3))


# ---- the numbers of each ------------------------------------------------------------------------------------------


def _bilinear_alone(scenario: Scenario) -> Values:
    def overlap(operator: Operator) -> str:
        trace = scenario.trace(operator)
        return number(iou(trace.roi, trace.roi_used), 2)

    return {"pool": overlap(ROI_POOL), "warp": overlap(ROI_WARP), "align": overlap(ROI_ALIGN)}


def _stride_32(scenario: Scenario) -> Values:
    fine = of_photo(scenario, "photo-4-vertical")
    coarse, fine_moved = (
        number(np.abs(shown.trace(ROI_POOL).quantization_error_pixels).max(), 0) for shown in (scenario, fine)
    )
    return {"coarse": coarse, "fine": fine_moved}


def _small_object(scenario: Scenario) -> Values:
    trace = scenario.trace(ROI_POOL)
    x1, _, x2, _ = trace.roi_used
    return {
        "small": number(median_iou(32, scenario.stride), 2),
        "large": number(median_iou(128, scenario.stride), 2),
        "cells": number(trace.roi[2] - trace.roi[0], 0),
        "read": number(x2 - x1, 0),
        "here": number(iou(trace.roi, trace.roi_used), 2),
    }


def _unread_cells(scenario: Scenario) -> Values:
    one, two, auto = (share_read(replace(scenario, samples=g).trace(ROI_ALIGN)) for g in (1, 2, 0))
    return {"one": f"{one:.0%}", "two": f"{two:.0%}", "auto": f"{auto:.0%}"}


def _numbers_from_cells(scenario: Scenario) -> Values:
    trace = scenario.trace(ROI_ALIGN)
    return {"numbers": str(trace.output.size), "cells": str(cells_reached(trace))}


def _fpn_level(scenario: Scenario) -> Values:
    x1, _, x2, _ = (side * scenario.stride for side in scenario.box)
    small = x2 - x1
    values: dict[str, str] = {}
    for name, side in (("small", small), ("large", small + 1)):
        (level,) = fpn_levels([[0, 0, side, side]]).tolist()
        values |= {name: number(side, 0), f"{name}_level": f"P{level}", f"{name}_cells": number(side / 2**level, 1)}
    return values


def _sample_count(scenario: Scenario) -> Values:
    row, column = scenario.focus.row, scenario.focus.column

    def output(samples: int) -> str:
        return number(replace(scenario, samples=samples).trace(ROI_ALIGN).output[row, column], 3)

    return {f"g{samples}": output(samples) for samples in (1, 2, 3, 4)} | {"many": output(100)}


def _gradient_cells(scenario: Scenario) -> Values:
    pool, align = (cells_reached(scenario.trace(operator)) for operator in (ROI_POOL, ROI_ALIGN))
    return {"pool": str(pool), "align": str(align), "all": str(scenario.feature_map.size)}


def _align_by_crop(scenario: Scenario) -> Values:
    trace = scenario.trace(ROI_ALIGN)
    recipe = align_by_crops(scenario.feature_map, trace.roi, scenario.output_size[0], scenario.samples)
    alone = scenario.trace(scenario.pair[0]).output
    return {"recipe": _table(recipe), "align": _table(trace.output), "alone": _table(alone)}


def _cell_16(scenario: Scenario) -> Values:
    start, middle, end = span_of_cell(16, scenario.stride)
    last = end - 1
    return {
        "start": number(start, 0),
        "end": number(end, 0),
        "middle": number(middle, 0),
        "last": number(last, 0),
        "divided": number(last / scenario.stride, 2),
        "cell": str(cell_of_pixel(last, scenario.stride)),
    }


def _table(output: Floats) -> str:
    return " / ".join("  ".join(number(value, 4) for value in row) for row in output)


_FPN_SIDE = 223 / 8  # cells
_WHOLE_SIDES = (40.0, 20.0, 90.0, 70.0)

MOMENTS: tuple[Moment, ...] = (
    Moment("bilinear_alone", "family", Scenario(left="roi_warp", right="roi_align"), _bilinear_alone),
    Moment("stride_32", "image", of_photo(Scenario(), "photo-32-vertical"), _stride_32),
    Moment("small_object", "quantization", Scenario(map="random-16x16-7", box=(3.2, 3.8, 5.2, 5.8)), _small_object),
    Moment(
        "unread_cells",
        "roi_align",
        Scenario(
            map="photo-4-bright",
            stride=4,
            box=_WHOLE_SIDES,
            output_size=(7, 7),
            samples=1,
            focus=Focus(),
            steps={"roi_align": "samples"},
        ),
        _unread_cells,
    ),
    Moment(
        "numbers_from_cells",
        "roi_align",
        Scenario(
            box=(3.0, 3.0, 4.0, 4.0),
            output_size=(7, 7),
            samples=1,
            focus=Focus(3, 3),
            steps={"roi_align": "samples"},
        ),
        _numbers_from_cells,
    ),
    Moment(
        "fpn_level",
        "image",
        replace(of_photo(Scenario(), "photo-8-vertical"), box=(9.0, 4.0, 9.0 + _FPN_SIDE, 4.0 + _FPN_SIDE)),
        _fpn_level,
    ),
    Moment(
        "sample_count",
        "roi_align",
        Scenario(samples=1, focus=Focus(0, 1), steps={"roi_align": "join"}),
        _sample_count,
    ),
    Moment("gradient_cells", "gradients", Scenario(every=True), _gradient_cells),
    Moment(
        "align_by_crop",
        "family",
        Scenario(box=(1.2, 2.4, 6.2, 6.8), left="crop_and_resize", right="roi_align"),
        _align_by_crop,
        align_by_crops,
    ),
    Moment("cell_16", "image", of_photo(Scenario(), "photo-16-vertical"), _cell_16),
)
