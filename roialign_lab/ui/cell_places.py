"""Where the number of a cell sits: the network of the photo page beside one with odd filters, under the stage."""

from __future__ import annotations

from functools import cache

import streamlit as st

from roialign_core.backbone import STRIDES, Taps, blob_row, blob_shown_at
from roialign_core.geometry import Floats
from roialign_lab.lesson.number_text import number
from roialign_lab.stage.page import Page
from roialign_lab.ui.charts import places_chart

BLOB, STRIDE = 256.0, 16  # pixels


def cell_places(page: Page) -> None:
    """A blob through even and through odd filters: the sentence with its numbers, and the two rows of cells."""
    text = page.text
    if not page.shows("notes"):
        return
    rows, shown = _measured()
    at = {taps: number(shown[taps, STRIDE], 1) for taps in Taps}
    shift = number(shown[Taps.ODD, STRIDE] - BLOB, 1)
    listed = ", ".join(number(shown[Taps.ODD, stride], 1) for stride in STRIDES)
    strides = ", ".join(map(str, STRIDES))
    st.subheader(text("places.title"), anchor=False)
    values = {"pixel": number(BLOB, 0), "stride": STRIDE, "shift": shift, "shifts": listed, "strides": strides}
    st.markdown(text("places.sentence", even=at[Taps.EVEN], odd=at[Taps.ODD], **values))
    here = {taps.value: shown[taps, STRIDE] for taps in Taps}
    st.plotly_chart(places_chart(rows, here, BLOB, STRIDE, text), key="places")


@cache
def _measured() -> tuple[dict[str, Floats], dict[tuple[Taps, int], float]]:
    """A row of cells through the blob by kind of filter, and where it shows at every stride."""
    rows = {taps.value: blob_row(BLOB, STRIDE, taps) for taps in Taps}
    return rows, {(taps, stride): blob_shown_at(BLOB, stride, taps) for taps in Taps for stride in STRIDES}
