"""Numbers as text, the same on every page, in every export and in every sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import isfinite, isinf, isnan

import numpy as np

from roialign_core.geometry import Floats
from roialign_core.trace import Trace

CIRCLED = 20  # numbers in a circle that every font has
NO_WEIGHT = 1e-9  # a neighbour that weighs no more has none
MANY = 2_000  # numbers: above it each text is made once
MOST_DECIMALS = 17  # with which a float64 is told from every other


def number(value: float, decimals: int) -> str:
    """One number as it is shown everywhere; beyond 100,000 with an exponent.

    >>> number(-0.00001, 4), number(0.5, 2), number(float("nan"), 2), number(1234567.0, 4)
    ('0.0000', '0.50', 'NaN', '1.2346e+06')
    """
    value = float(value)
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "∞" if value > 0 else "-∞"
    text = f"{value:.{decimals}f}" if abs(value) < 1e5 else f"{value:.{max(decimals, 2)}e}"
    return text.lstrip("-") if float(text) == 0 else text


def small_number(value: float, decimals: int) -> str:
    """:func:`number`, but what is not 0 is not written as 0: it is less than one in the last place.

    >>> [small_number(value, 2) for value in (0.25, 0.005, 0.0049, -0.0049, 0.0)]
    ['0.25', '0.01', '<0.01', '>-0.01', '0.00']
    """
    text, zero, least = number(value, decimals), number(0, decimals), number(10.0**-decimals, decimals)
    if value == 0 or text != zero:
        return text
    return f"<{least}" if value > 0 else f">-{least}"


def signed(value: float, decimals: int) -> str:
    """A number with its sign; what is shown as 0 is +0, for the sign of a last bit differs between machines.

    >>> signed(0.25, 2), signed(-0.25, 2), signed(-1e-9, 2), signed(1e300, 2), signed(float("nan"), 2)
    ('+0.25', '-0.25', '+0.00', '+1.00e+300', 'NaN')
    """
    text = number(value, decimals)
    return text if text.startswith("-") or text == "NaN" else f"+{text}"


def numbers(values: Floats, decimals: int) -> tuple[str, ...]:
    """:func:`number` of each value (n,), quicker where there are many.

    >>> numbers(np.array([0.5, -0.00001, 12.3456]), 3), numbers(np.array([np.nan]), 2)
    (('0.500', '0.000', '12.346'), ('NaN',))
    """
    if not (np.abs(values) < 1e5).all():
        return tuple(number(value, decimals) for value in values)
    scaled = values.astype(np.float64) * 10**decimals
    if len(values) > MANY and np.ptp(scaled) < len(values):
        return _looked_up(scaled, values, decimals)
    form = f"%.{decimals}f"
    texts = tuple([form % value for value in values.tolist()])
    zero = form % 0
    return tuple([zero if text == f"-{zero}" else text for text in texts]) if f"-{zero}" in texts else texts


def _looked_up(scaled: Floats, values: Floats, decimals: int) -> tuple[str, ...]:
    """:func:`numbers` of very many values, of which few texts are made; what is almost a tie is not looked up."""
    whole = np.rint(scaled).astype(np.int64)
    first, last = int(whole.min()), int(whole.max())
    texts = np.array([number(k / 10**decimals, decimals) for k in range(first, last + 1)], object)[whole - first]
    for tie in np.flatnonzero(np.abs(np.abs(scaled - whole) - 0.5) < 1e-6):
        texts[tie] = number(values[tie], decimals)
    return tuple(texts.tolist())


def number_before(rule: Callable[[Floats], Floats], value: float, decimals: int) -> str:
    """:func:`number`, with as many more decimals as it takes for a ``rule`` to make the same whole number of its text.

    >>> number_before(np.floor, 2.996, 2), number_before(np.floor, 2.5, 2)
    ('2.996', '2.50')
    """
    for n in range(decimals, MOST_DECIMALS):
        text = number(value, n)
        if not isfinite(value):
            return text
        of_text, of_value = rule(np.array([float(text), value])).tolist()
        if of_text == of_value:
            return text
    return number(value, MOST_DECIMALS)


def map_decimals(values: Floats) -> int:
    """0, 1 or 2 decimals: the fewest that show every number of the map alike.

    >>> map_decimals(np.array([1.0, 2.0])), map_decimals(np.array([0.5])), map_decimals(np.array([1 / 3]))
    (0, 1, 2)
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    for decimals in (0, 1):
        if np.allclose(finite, np.round(finite, decimals), atol=1e-6, rtol=0):
            return decimals
    return 2


@lru_cache(64)
def bin_names(output_size: tuple[int, int], numbered: bool) -> tuple[str, ...]:
    """What the bins are called, row by row: ①②③④ …, or (row, column), as always where there are more than twenty.

    >>> bin_names((2, 2), True), bin_names((1, 2), False)
    (('①', '②', '③', '④'), ('(0, 0)', '(0, 1)'))
    """
    rows, columns = output_size
    if numbered and rows * columns <= CIRCLED:
        return tuple(chr(ord("①") + k) for k in range(rows * columns))
    return tuple(f"({row}, {column})" for row in range(rows) for column in range(columns))


def cell_range(start: float, end: float) -> str:
    """Cells start…end (end exclusive) as a person says it: 3–5, or 3, or – for none."""
    first, last = int(start), int(end) - 1
    return "–" if last < first else str(first) if first == last else f"{first}–{last}"


def cells_in_words(trace: Trace, row: int, column: int) -> tuple[str, str]:
    """The rows and the columns of cells that one bin of an operator that snaps reads."""
    x1, y1, x2, y2 = trace.bins_used[row, column]
    return cell_range(y1, y2), cell_range(x1, x2)
