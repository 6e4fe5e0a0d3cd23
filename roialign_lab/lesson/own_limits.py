"""What a person's own data may be at most, and the error that says what it was instead."""

from __future__ import annotations

import math

MEGABYTE = 1_000_000
LARGEST_FILE = 10 * MEGABYTE
LARGEST_SIDE = 512  # cells
MOST_CHANNELS = 2048
LONGEST_QUOTED = 100  # characters of a name or a value that a sentence repeats


class OwnDataError(ValueError):
    """Data that cannot be shown: a text key under ``own.problem`` and what its sentence has room for."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = f"own.problem.{key}"
        self.values = {name: shortened(str(value)) for name, value in values.items()}
        super().__init__(f"{key}: {self.values}")


def check_shape(shape: tuple[int, ...]) -> None:
    """Raises :class:`OwnDataError` for a shape that is no feature map's, or a too large one's."""
    if not 2 <= len(shape) <= 4:
        raise OwnDataError("rank", shape=dimensions(shape))
    if not all(shape):
        raise OwnDataError("no_values", shape=dimensions(shape))
    if max(shape[-2:]) > LARGEST_SIDE:
        raise OwnDataError("side_too_large", rows=shape[-2], columns=shape[-1], limit=LARGEST_SIDE)
    if math.prod(shape[:-2]) > MOST_CHANNELS:
        raise OwnDataError("too_many_channels", channels=math.prod(shape[:-2]), limit=MOST_CHANNELS)


def dimensions(shape: tuple[int, ...]) -> str:
    """A shape as a sentence writes it.

    >>> dimensions((64, 32, 32)), dimensions(())
    ('64×32×32', '1')
    """
    return "×".join(str(side) for side in shape) or "1"


def megabytes(size: int) -> str:
    """A number of bytes in megabytes.

    >>> megabytes(1_250_000)
    '1.2'
    """
    return f"{size / MEGABYTE:.1f}"


def shortened(text: str) -> str:
    """The text, its end left out where it is too long for a sentence."""
    return text if len(text) <= LONGEST_QUOTED else text[:LONGEST_QUOTED] + "…"
