"""The two experiments under the sweep: many boxes, and masks. Slow work, so outside the fragment that a drag runs."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from roialign_core.masks import COMPARED, GRIDS, RESOLUTIONS, MaskCost, mask_costs
from roialign_core.rounding import RoundingCost, random_boxes, rounding_cost
from roialign_lab.figures.mask_picture import person_at, picture
from roialign_lab.lesson.number_text import number
from roialign_lab.stage.page import Page
from roialign_lab.ui.charts import iou_chart, mask_chart, shift_chart

BOXES = 100_000
STRIDES = (4, 8, 16, 32, 64)
MASK_STRIDES = (4, 8, 16, 32)
MASK_SIZES = (32, 64, 128, 256)
OBJECTS = (8, 16, 32)
LARGEST_SEED = 9999
SPOKEN = (16, 128)  # the stride and the size that the sentence is about


def spread(page: Page) -> None:
    """How far RoI Pooling moves 100,000 boxes, at every stride."""
    text = page.text
    st.subheader(text("spread.title"), anchor=False)
    st.markdown(text("spread.intro"))
    seed = st.number_input(text("spread.seed"), 0, LARGEST_SEED, 0, key="spread_seed", width=160)
    costs = _costs(int(seed))
    if not costs:
        bar = st.progress(0.0)
        boxes = random_boxes(BOXES, int(seed))
        done = []
        for k, stride in enumerate(STRIDES):
            bar.progress(k / len(STRIDES), text("spread.working", stride=stride))
            done.append(rounding_cost(boxes, stride))
        costs = _costs(int(seed), tuple(done))
        bar.empty()
    left, right = st.columns(2)
    left.plotly_chart(shift_chart(costs, text), key="shift")
    right.plotly_chart(iou_chart(costs, text), key="iou")
    cost = costs[STRIDES.index(SPOKEN[0])]
    near, far = (f"{abs(moved).mean() / cost.stride:.3f}" for moved in (cost.near, cost.far))
    st.markdown(text("spread.measured", near=near, far=far, stride=cost.stride))


def masks(page: Page) -> None:
    """What each operator makes of a mask, at every stride and object size."""
    text = page.text
    st.subheader(text("mask.title"), anchor=False)
    _one_person(page)
    st.markdown(text("mask.intro"))
    with st.form("masks", border=False):
        first, second, third, fourth = st.columns([1, 1, 1, 2], vertical_alignment="bottom")
        resolution = first.selectbox(text("mask.resolution"), RESOLUTIONS, format_func=lambda n: f"{n}×{n}")
        objects = second.selectbox(text("mask.objects"), OBJECTS, index=1)
        seed = third.number_input(text("spread.seed"), 0, LARGEST_SEED, 0)
        wanted = fourth.form_submit_button(text("mask.run"), type="primary")
    if wanted:
        bar = st.progress(0.0)
        rounds, costs = len(MASK_STRIDES) * len(MASK_SIZES), []
        for cost in mask_costs(MASK_STRIDES, MASK_SIZES, resolution, objects, int(seed)):
            costs.append(cost)
            bar.progress(len(costs) / rounds, text("mask.working", stride=cost.stride, size=cost.size))
        bar.empty()
        st.session_state["mask_costs"] = costs
    done: list[MaskCost] = st.session_state.get("mask_costs", [])
    if not done:
        return
    for grid, column in zip(GRIDS, st.columns(2), strict=True):
        column.plotly_chart(mask_chart(done, grid, text), key=f"mask_{grid}")
    spoken = next(cost for cost in done if (cost.stride, cost.size) == SPOKEN)
    means = {f"{grid}_{name}": f"{spoken.iou[grid][name].mean():.3f}" for grid in GRIDS for name in COMPARED}
    st.markdown(text("mask.says", stride=spoken.stride, size=spoken.size, **means))


@st.fragment
def _one_person(page: Page) -> None:
    """The evidence before the curves: one person, and the outline that each operator makes of it, at a stride."""
    text = page.text
    stride = st.select_slider(text("mask.stride"), MASK_STRIDES, SPOKEN[0], key="mask_stride")
    person = person_at(stride)
    truth, pool, align = st.columns(3)
    truth.image(picture(person), caption=text("mask.truth", stride=stride), alt=text("mask.truth", stride=stride))
    for name, column in (("pool", pool), ("align", align)):
        words = text(f"mask.outline_{name}", iou=number(person.iou[name], 2))
        column.image(picture(person, name), caption=words, alt=words)


@lru_cache(8)
def _kept(_seed: int) -> list[RoundingCost]:
    return []


def _costs(seed: int, done: tuple[RoundingCost, ...] = ()) -> list[RoundingCost]:
    """What was computed for a seed, so that a page that draws itself again does not compute it again."""
    kept = _kept(seed)
    if done and not kept:
        kept.extend(done)
    return kept
