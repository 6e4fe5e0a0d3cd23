"""The two experiments under the sweep: many boxes, and masks. Slow work, so outside the fragment that a drag runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

import streamlit as st

from roialign_core.masks import RESOLUTIONS, MaskCost
from roialign_core.rounding import RoundingCost
from roialign_lab.figures import trained_results
from roialign_lab.figures.experiments import (
    LARGEST_SEED,
    MASK_STRIDES,
    OBJECTS,
    ROUNDS,
    SPOKEN,
    STRIDES,
    USUAL_OBJECTS,
    Shown,
    masks_measured,
    masks_shown,
    spread_costs,
    spread_shown,
)
from roialign_lab.figures.mask_picture import person_at, picture
from roialign_lab.lesson.number_text import number
from roialign_lab.stage.page import Page
from roialign_lab.ui.turns import TURNS, Series

Cost = TypeVar("Cost", RoundingCost, MaskCost)


def spread(page: Page) -> None:
    """How far RoI Pooling moves 100,000 boxes, at every stride."""
    text = page.text
    st.subheader(text("spread.title"), anchor=False)
    st.markdown(text("spread.intro"))
    seed = st.number_input(text("spread.seed"), 0, LARGEST_SEED, 0, key="spread_seed", width=160)
    costs = _costs(int(seed))
    if not costs:
        bar = st.progress(0.0)
        done = []
        for k, cost in enumerate(_in_turns(spread_costs(int(seed)))):
            bar.progress(k / len(STRIDES), text("spread.working", stride=cost.stride))
            done.append(cost)
        costs = _costs(int(seed), tuple(done))
        bar.empty()
    _show(spread_shown(costs, text), ("shift", "iou"))


def masks(page: Page) -> None:
    """What each operator makes of a mask, at every stride and object size."""
    text = page.text
    st.subheader(text("mask.title"), anchor=False)
    _one_person(page)
    st.markdown(text("mask.intro"))
    with st.form("masks", border=False):
        first, second, third, fourth = st.columns([1, 1, 1, 2], vertical_alignment="bottom")
        resolution = first.selectbox(text("mask.resolution"), RESOLUTIONS, format_func=lambda n: f"{n}×{n}")
        objects = second.selectbox(text("mask.objects"), OBJECTS, index=OBJECTS.index(USUAL_OBJECTS))
        seed = third.number_input(text("spread.seed"), 0, LARGEST_SEED, 0)
        wanted = fourth.form_submit_button(text("mask.run"), type="primary")
    if wanted:
        bar = st.progress(0.0)
        costs = []
        for cost in _in_turns(masks_measured(resolution, objects, int(seed))):
            costs.append(cost)
            bar.progress(len(costs) / ROUNDS, text("mask.working", stride=cost.stride, size=cost.size))
        bar.empty()
        st.session_state["mask_costs"] = costs
    done: list[MaskCost] = st.session_state.get("mask_costs", [])
    if done:
        _show(masks_shown(done, text), ("mask_middle", "mask_corner"))
    st.markdown(text("mask.learned", page=text("title.network")))


def trained(page: Page) -> None:
    """What the training of mask networks found: tables, a chart, and what it is not."""
    text = page.text
    if not page.shows("notes"):
        return
    st.subheader(text("trained.title"), anchor=False)
    st.markdown(text("trained.about"))
    st.markdown(trained_results.table_of_strides(text).markdown)
    _show(([trained_results.chart(text)], trained_results.sentence(text)), ("trained",))
    with st.expander(text("trained.variants")):
        st.markdown(trained_results.table_of_variants(text).markdown)
        st.markdown(text("trained.variants_say"))
        st.markdown(trained_results.table_of_mix(text).markdown)
        st.markdown(text("trained.mix_says"))
    with st.expander(text("trained.paper")):
        st.markdown(trained_results.table_of_paper(text).markdown)
        st.markdown(text("trained.paper_says"))


def _in_turns(costs: Iterable[Cost]) -> Iterator[Cost]:
    """One after the other, so that those who drag come in between: what both experiments of a session take counts."""
    return TURNS.each(costs, st.session_state.setdefault("experiment_cost", Series()))


def _show(shown: Shown, keys: tuple[str, ...]) -> None:
    """Charts side by side, and the sentence under them."""
    charts, sentence = shown
    for chart, key, column in zip(charts, keys, st.columns(len(charts)), strict=True):
        column.plotly_chart(chart, key=key)
    st.markdown(sentence)


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
