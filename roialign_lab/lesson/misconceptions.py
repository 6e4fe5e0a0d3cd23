"""What wrong answers of the quiz have in common: the misconception behind each, and the page and step that mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """``quiz.mend.KEY`` in the catalogues says what is so instead; ``step`` is empty for a page without a walk.

    ``reasons`` are those of the choices of :mod:`roialign_lab.lesson.quiz` and of the boxes of
    :mod:`roialign_lab.lesson.box_tasks`, as kind and reason.
    """

    key: str
    page: str
    step: str
    reasons: tuple[tuple[str, str], ...]


def _made(key: str, page: str, step: str, **reasons: str) -> Misconception:
    """``reasons`` are named by kind, with spaces between them."""
    return Misconception(key, page, step, tuple((kind, name) for kind in reasons for name in reasons[kind].split()))


MISCONCEPTIONS = (
    _made("nearest", "roi_pooling", "snap", snap="floor ceil ceil_end"),
    _made("end_cell", "roi_pooling", "snap", snap="rounded end start", end="plus"),
    _made("rounds_nothing", "roi_align", "project", snap="kept", end="pool rounded", aligned="not_rounds"),
    _made("half_cell", "roi_align", "project", aligned="not_left not_nothing", end="legacy half"),
    _made("overlap", "roi_pooling", "cells", cells="disjoint long_first end"),
    _made("row_by_row", "roi_align", "samples", cells="neighbor", sample="second"),
    _made("rows_first", "bilinear", "neighbors", cells="swapped", sample="swapped", neighbors="swapped"),
    _made("part_centre", "roi_align", "samples", sample="edge centre"),
    _made("cell_centre", "bilinear", "neighbors", neighbors="cell off rounded"),
    _made("opposite_area", "bilinear", "areas", weights="own other equal one_axis average"),
    _made("join", "roi_align", "join", join="not_mean not_max not_corner not_sum"),
    _made("whose", "family", "", library="not_aligned not_legacy not_article not_pool"),
    _made("each_side", "roi_align", "samples", ratio="side sum box corners"),
    _made("adaptive", "roi_align", "samples", ratio="adaptive none one floor"),
    _made("to_the_box", "gradients", "", box_gradient="flat given"),
    _made("level", "image", "", level="finer coarser longest rounded"),
    _made("left_out", "roi_align", "neighbors", unread="read axis own none"),
    _made("strict", "network", "", limit="not_low not_high not_same"),
    _made("learned", "network", "", learned_join="not_fewer not_more not_none"),
    _made("rounded_up", "roi_pooling", "snap", all_read="x1 y1 both"),
    _made("small_box", "roi_pooling", "snap", half_iou="large"),
)
"""In the order in which a summary lists them."""

_OF_REASON: Mapping[tuple[str, str], Misconception] = {
    reason: misconception for misconception in MISCONCEPTIONS for reason in misconception.reasons
}


def misconceptions_in(wrong: Iterable[tuple[str, str]]) -> dict[Misconception, list[str]]:
    """The misconceptions behind wrong answers (kind, reason), in their order, each with the kinds that show it.

    >>> found = misconceptions_in([("end", "plus"), ("snap", "floor"), ("snap", "rounded")])
    >>> [(misconception.key, kinds) for misconception, kinds in found.items()]
    [('nearest', ['snap']), ('end_cell', ['end', 'snap'])]
    """
    found: dict[Misconception, list[str]] = {}
    for kind, reason in wrong:
        found.setdefault(_OF_REASON[kind, reason], []).append(kind)
    return {misconception: found[misconception] for misconception in MISCONCEPTIONS if misconception in found}
