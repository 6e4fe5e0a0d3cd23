"""A table of words: what the app writes as Markdown and the site as HTML."""

from __future__ import annotations

from dataclasses import dataclass

Line = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A head and rows of as many cells, in the Markdown of the catalogues; ``:green[…]`` and ``:red[…]`` colour one.

    >>> print(Table(("a", "b"), (("1", "**2**"),)).markdown)
    | a | b |
    | --- | --- |
    | 1 | **2** |
    """

    head: Line
    rows: tuple[Line, ...]

    @property
    def markdown(self) -> str:
        """The table as Markdown."""
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
