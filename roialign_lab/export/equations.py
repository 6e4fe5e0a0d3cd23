"""Formulas as the equations that PowerPoint edits (Office Math), with the plain text for every other program.

The markup is the one that PowerPoint writes itself: two versions of a shape, of which a program takes the first that it
knows all of. The equation asks for PowerPoint of 2019 or later, because LibreOffice says that it knows the equations of
2010 and leaves them out where its Math is not installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

SIGNS = "=≈"
BOTH = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" '
    'xmlns:p159="http://schemas.microsoft.com/office/powerpoint/2015/09/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" Requires="a14 p159">{equations}</mc:Choice>'
    "<mc:Fallback>{text}</mc:Fallback></mc:AlternateContent>"
)
FONT = '<a:latin typeface="Cambria Math" panose="02040503050406030204" pitchFamily="18" charset="0"/>'
LEFT = '<m:oMathParaPr><m:jc m:val="left"/></m:oMathParaPr>'
UPRIGHT = '<m:rPr><m:sty m:val="p"/></m:rPr>'


def are_formulas(lines: Sequence[str]) -> bool:
    """Is anything computed in these lines? Those of the family are words.

    >>> are_formulas(["max(0.85, 0.34,", "0.76) = 0.8500"]), are_formulas(["RoI Pooling: 4 of 64 cells"])
    (True, False)
    """
    return any(sign in line for line in lines for sign in SIGNS)


def equation(line: str, attributes: str, inside: str) -> str:
    """A line as an equation of its own; ``attributes`` and ``inside`` are those of a run of text (``a:rPr``)."""
    run = f"<m:r>{UPRIGHT}<a:rPr {attributes}>{inside}{FONT}</a:rPr><m:t>{escape(line)}</m:t></m:r>"
    return f"<a14:m><m:oMathPara>{LEFT}<m:oMath>{run}</m:oMath></m:oMathPara></a14:m>"


def either(equations: str, text: str) -> str:
    """One shape in two versions."""
    return BOTH.format(equations=equations, text=text)
