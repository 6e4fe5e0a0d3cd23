"""Where the number of a cell sits: the network of the photo page beside one with odd filters."""

from __future__ import annotations

from functools import cache
from typing import Any

from roialign_core.backbone import STRIDES, Taps, blob_row, blob_shown_at
from roialign_core.geometry import Floats
from roialign_lab.figures.charts import places_chart
from roialign_lab.lesson.number_text import number
from roialign_lab.lesson.text import Text

BLOB, STRIDE = 256.0, 16  # pixels


def cell_places(text: Text) -> tuple[str, dict[str, Any]]:
    """A blob through even and through odd filters: the sentence with its numbers, and the chart of both rows of cells.

    >>> from roialign_lab.lesson.text import text_in
    >>> sentence, chart = cell_places(text_in("en"))
    >>> "Even filters show the blob at **256.0**, odd ones at **263.5**" in sentence
    True
    """
    rows, shown = _measured()
    at = {taps: number(shown[taps, STRIDE], 1) for taps in Taps}
    shift = number(shown[Taps.ODD, STRIDE] - BLOB, 1)
    listed = tuple(number(shown[Taps.ODD, stride], 1) for stride in STRIDES)
    strides = tuple(map(str, STRIDES))
    values = {"pixel": number(BLOB, 0), "stride": STRIDE, "shift": shift, "shifts": listed, "strides": strides}
    here = {taps.value: shown[taps, STRIDE] for taps in Taps}
    sentence = text("places.sentence", even=at[Taps.EVEN], odd=at[Taps.ODD], **values)
    return sentence, places_chart(rows, here, BLOB, STRIDE, text)


@cache
def _measured() -> tuple[dict[str, Floats], dict[tuple[Taps, int], float]]:
    """A row of cells through the blob by kind of filter, and where it shows at every stride."""
    rows = {taps.value: blob_row(BLOB, STRIDE, taps) for taps in Taps}
    return rows, {(taps, stride): blob_shown_at(BLOB, stride, taps) for taps in Taps for stride in STRIDES}
