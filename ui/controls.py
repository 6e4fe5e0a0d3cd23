"""The controls under the picture: few, named by what they choose, in one line. They follow the scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from roialign_core.examples import EXAMPLES, MAPS, example
from roialign_core.operators import Aggregate
from ui import export
from ui.shell import Page
from ui.state import (
    LARGEST_OUTPUT,
    LARGEST_SEED,
    MOST_SAMPLES_A_SIDE,
    RANDOM_NAME,
    RANDOM_SIZES,
    SPLITS,
    STRIDES,
    Scenario,
    of_example,
)

Change = Callable[[Scenario, Any], Scenario]


def roi_pooling(page: Page) -> None:
    """Output size, split rules, map, figure."""
    scenario, text = page.scenario, page.text
    with _line():
        _output_size(page)
        st.markdown(text("control.split"), width="content")
        rules = {rule: text(f"control.{rule.value}") for rule in SPLITS}
        rows, columns = scenario.split
        _choose(page, "split_rows", rules, rows, lambda s, rule: replace(s, split=(rule, s.split[1])))
        st.markdown(text("control.by"), width="content")
        _choose(page, "split_columns", rules, columns, lambda s, rule: replace(s, split=(s.split[0], rule)))
        st.space("stretch")
        _map(page)
        export.button(page)


def roi_align(page: Page) -> None:
    """Aligned or legacy, mean or max, samples, output size, map, figure."""
    scenario, text = page.scenario, page.text
    with _line():
        origins = {True: text("control.aligned"), False: text("control.legacy")}
        _choose(page, "origin", origins, scenario.aligned, lambda s, aligned: replace(s, aligned=aligned))
        joins = {one: text(f"control.{one.value}") for one in (Aggregate.MEAN, Aggregate.MAX)}
        _choose(page, "aggregate", joins, scenario.aggregate, lambda s, join: replace(s, aggregate=join))
        st.markdown(text("control.samples"), width="content")
        ratios = {n: str(n) for n in range(1, MOST_SAMPLES_A_SIDE + 1)} | {0: text("control.auto")}
        _choose(page, "sampling_ratio", ratios, scenario.samples, lambda s, ratio: replace(s, samples=ratio))
        _output_size(page)
        st.space("stretch")
        _map(page)
        export.button(page)


def home(page: Page) -> None:
    """Output size and map."""
    with _line():
        _output_size(page)
        st.space("stretch")
        _map(page)


def bilinear(page: Page) -> None:
    """Map and figure."""
    with _line():
        st.space("stretch")
        _map(page)
        export.button(page)


def _line():
    return st.container(horizontal=True, vertical_alignment="center", key="roi-controls", gap="small")


def _output_size(page: Page) -> None:
    text, (rows, columns) = page.text, page.scenario.output_size
    sizes = range(1, LARGEST_OUTPUT + 1)
    st.markdown(text("control.output"), width="content")
    _select(page, "output_rows", sizes, rows, lambda s, n: replace(s, output_size=(n, s.output_size[1])), 72)
    st.markdown(text("control.by"), width="content")
    _select(page, "output_columns", sizes, columns, lambda s, n: replace(s, output_size=(s.output_size[0], n)), 72)


def _map(page: Page) -> None:
    """Which map, which stride, and the worked examples, in a popover so that the picture keeps its room."""
    scenario, text = page.scenario, page.text
    random = RANDOM_NAME.fullmatch(scenario.map)
    seed = int(random[2]) if random else 1
    chosen = f"random-{random[1]}" if random else scenario.map
    names = [*MAPS, *(f"random-{size}x{size}" for size in RANDOM_SIZES)]
    with st.popover(text("control.more"), width="content"):
        _select(
            page,
            "map",
            names,
            chosen,
            lambda s, name: s.on_map(f"{name}-{seed}" if name.startswith("random-") else name),
            "stretch",
            label=text("control.map"),
            format_func=lambda name: text(f"map.{name}"),
        )
        if random:
            st.session_state["seed"] = seed
            st.number_input(
                text("control.seed"),
                min_value=0,
                max_value=LARGEST_SEED,
                key="seed",
                on_change=_take,
                args=(page, "seed", lambda s, one: s.on_map(f"{chosen}-{one}")),
            )
        if page.name != "bilinear":
            _select(
                page,
                "stride",
                STRIDES,
                scenario.stride,
                lambda s, stride: replace(s, stride=stride),
                "stretch",
                label=text("control.stride"),
            )
            _examples(page)


def _examples(page: Page) -> None:
    text = page.text
    named = {one.name: text.entries.get(f"example.{one.name}") for one in EXAMPLES}
    fits = [one for one in EXAMPLES if named[one.name] and (page.name == "home" or _on_page(one.operator.snaps, page))]
    st.caption(text("control.examples"))
    for one in fits:
        st.button(
            str(named[one.name]),
            key=f"example_{one.name}",
            on_click=lambda name: page.show(of_example(page.scenario, example(name))),
            args=(one.name,),
            type="tertiary",
        )


def _on_page(snaps: bool, page: Page) -> bool:
    return snaps == (page.name == "roi_pooling")


def _choose(page: Page, name: str, options: dict[Any, str], now: Any, change: Change) -> None:
    """A row of choices that follows the scenario: the widget's own state is set from it before it is drawn."""
    st.session_state[name] = now
    st.segmented_control(
        page.text(f"control.{name}"),
        list(options),
        required=True,
        format_func=lambda option: options[option],
        key=name,
        on_change=_take,
        args=(page, name, change),
        label_visibility="collapsed",
    )


def _select(
    page: Page,
    name: str,
    options: Sequence[Any],
    now: Any,
    change: Change,
    width: Any,
    *,
    label: str = "",
    format_func: Callable[[Any], str] = str,
) -> None:
    st.session_state[name] = now
    st.selectbox(
        label or page.text(f"control.{name}"),
        options,
        format_func=format_func,
        key=name,
        on_change=_take,
        args=(page, name, change),
        label_visibility="visible" if label else "collapsed",
        width=width,
    )


def _take(page: Page, key: str, change: Change) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        page.show(change(page.scenario, chosen))
