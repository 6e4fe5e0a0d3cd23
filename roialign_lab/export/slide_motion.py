"""How a slide of PowerPoint comes: from the slide before by Morph, and what is new on it on a click."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

MORPH = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
    '<mc:Choice xmlns:p159="http://schemas.microsoft.com/office/powerpoint/2015/09/main" Requires="p159">'
    '<p:transition spd="slow"><p159:morph option="byObject"/></p:transition></mc:Choice>'
    '<mc:Fallback><p:transition spd="med"><p:fade/></p:transition></mc:Fallback></mc:AlternateContent>'
)
"""The transition in which what has the same name moves from its old place to the new; a fade where there is none."""
NAMESPACE = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
AT_ONCE = '<p:stCondLst><p:cond delay="0"/></p:stCondLst>'


def appearing(clicks: Iterable[Sequence[int]]) -> str:
    """The timing of a slide on which shapes, by their numbers, appear: those of one click together.

    >>> appearing([[4], [5, 6]]).count("clickEffect"), appearing([[4], [5, 6]]).count("withEffect")
    (2, 1)
    """
    numbers = count(3)
    steps = "".join(_click(shapes, numbers) for shapes in clicks)
    sequence = f'<p:cTn id="2" dur="indefinite" nodeType="mainSeq"><p:childTnLst>{steps}</p:childTnLst></p:cTn>'
    turns = "".join(
        f'<p:{way}CondLst><p:cond evt="{event}" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:{way}CondLst>'
        for way, event in (("prev", "onPrev"), ("next", "onNext"))
    )
    whole = f'<p:seq concurrent="1" nextAc="seek">{sequence}{turns}</p:seq>'
    root = (
        f'<p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>{whole}</p:childTnLst></p:cTn>'
    )
    return f"<p:timing {NAMESPACE}><p:tnLst><p:par>{root}</p:par></p:tnLst></p:timing>"


def _click(shapes: Sequence[int], numbers: count[int]) -> str:
    """What appears on one click: the first shape on it, the others with the first."""
    outer, inner = next(numbers), next(numbers)
    effects = "".join(_effect(shape, "withEffect" if k else "clickEffect", numbers) for k, shape in enumerate(shapes))
    group = f'<p:par><p:cTn id="{inner}" fill="hold">{AT_ONCE}<p:childTnLst>{effects}</p:childTnLst></p:cTn></p:par>'
    waits = '<p:stCondLst><p:cond delay="indefinite"/></p:stCondLst>'
    return f'<p:par><p:cTn id="{outer}" fill="hold">{waits}<p:childTnLst>{group}</p:childTnLst></p:cTn></p:par>'


def _effect(shape: int, kind: str, numbers: count[int]) -> str:
    """The entrance that PowerPoint calls Appear."""
    effect, behaviour = next(numbers), next(numbers)
    look = 'presetID="1" presetClass="entr" presetSubtype="0" fill="hold"'
    seen = (
        f'<p:set><p:cBhvr><p:cTn id="{behaviour}" dur="1" fill="hold">{AT_ONCE}</p:cTn>'
        f'<p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl><p:attrNameLst><p:attrName>style.visibility</p:attrName>'
        '</p:attrNameLst></p:cBhvr><p:to><p:strVal val="visible"/></p:to></p:set>'
    )
    inside = f"{AT_ONCE}<p:childTnLst>{seen}</p:childTnLst>"
    return f'<p:par><p:cTn id="{effect}" {look} nodeType="{kind}">{inside}</p:cTn></p:par>'
