"""Makes the fonts of the figures, assets/fonts/*.ttf: `python docs/make_font.py`.

Needs fonttools and the Debian package fonts-noto-cjk. Both weights hold Latin and every character of the words; the
regular one also the 3,755 everyday characters of GB 2312, for a teacher's own words. The outlines become quadratic,
because matplotlib embeds no CFF font in a PDF; hints, kerning and alternates go, because a PDF is made faster without.
Signs that Noto lacks, or has only as wide as a Chinese character, are those of DejaVu Sans, which matplotlib brings: to
embed that font too, for a dot, takes a PDF half a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.boundsPen import BoundsPen  # type: ignore[import-untyped]
from fontTools.pens.cu2quPen import Cu2QuPen  # type: ignore[import-untyped]
from fontTools.pens.recordingPen import DecomposingRecordingPen  # type: ignore[import-untyped]
from fontTools.pens.transformPen import TransformPen  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
NOTO = Path("/usr/share/fonts/opentype/noto")
DEJAVU = Path(matplotlib.get_data_path()) / "fonts/ttf"
CHINESE = 0x2E80  # before it a sign as wide as a Chinese character is made narrow: × and · in a formula
LEFT_TO_DEJAVU = {0xB7, *range(0x2010, 0x2040)}  # dots, dashes and quotation marks, where they are that wide: a
# dot of Chinese names, made narrow, looks like a bullet
BEARING = 60  # at both sides of a sign that was made narrow
SIMPLIFIED = 2  # its place in the collection
FINENESS = 1.5  # units of 1000 that an outline may be off by
PUNCTUATION = "、。〈〉《》「」『』【】〔〕〖〗…—‘’“”·！（），．／：；？［］｛｝～％＋－＝￥　"
LATIN = [*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x391, 0x3CA), *range(0x2010, 0x2040), *range(0x2070, 0x2090)]
LATIN += [
    *range(0x2190, 0x21D5),
    *range(0x2200, 0x2270),
    *range(0x2308, 0x230C),
    *range(0x2460, 0x2474),
    0x20AC,
    0x2713,
]
FAMILIES = {
    "Regular": "Lab Sans SC",
    "Bold": "Lab Sans SC Bold",
}  # families of their own, so that one falls back to the other
VERSION = "Version 1.000"
CREATED = 3_700_000_000  # seconds from 1904: the same bytes whenever it is made
COPYRIGHT = "© 2014-2021 Adobe (http://www.adobe.com/). A subset of Noto Sans CJK SC."
COPYRIGHT_OF_DEJAVU = " Some signs: © 2003 Bitstream, Inc., from DejaVu Sans."
LICENSE = "SIL Open Font License, Version 1.1"
LICENSE_OF_DEJAVU = "; the signs of DejaVu Sans: DEJAVU.txt"


def main() -> None:
    """Write both weights."""
    text = "".join((ROOT / f"assets/text/{name}.toml").read_text(encoding="utf-8") for name in ("en", "zh"))
    words = {c for c in text if c.isprintable()}
    words |= set(PUNCTUATION) | set(map(chr, LATIN))
    for weight, wanted in (("Regular", words | everyday()), ("Bold", words)):
        path = ROOT / "assets/fonts" / f"LabSansSC-{weight}.ttf"
        subset(NOTO / f"NotoSansCJK-{weight}.ttc", weight, sorted(wanted)).save(path)
    (ROOT / "assets/fonts/DEJAVU.txt").write_bytes((DEJAVU / "LICENSE_DEJAVU").read_bytes())


def everyday() -> set[str]:
    """The first level of GB 2312: rows 16 to 55."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return set(b"".join(pairs).decode("gb2312", errors="ignore"))


def subset(source: Path, weight: str, characters: list[str]) -> TTFont:
    """A TrueType font of those characters, without hints, kerning or alternates."""
    font = TTFont(source, fontNumber=SIMPLIFIED)
    known = font.getBestCmap()
    names = {ord(c): known[ord(c)] for c in characters if ord(c) in known}
    em = font["head"].unitsPerEm
    names = {c: name for c, name in names.items() if c not in LEFT_TO_DEJAVU or font["hmtx"][name][0] < em}
    narrowed = {name for c, name in names.items() if c < CHINESE and font["hmtx"][name][0] >= em}
    order = [".notdef", *sorted(set(names.values()))]
    outlines = font.getGlyphSet()
    glyphs, widths = {}, {}
    for name in order:
        left, right = 0.0, font["hmtx"][name][0]
        if name in narrowed:
            bounds = BoundsPen(outlines)
            outlines[name].draw(bounds)
            left, right = bounds.bounds[0] - BEARING, bounds.bounds[2] + BEARING
        pen = TTGlyphPen(None)
        moved = TransformPen(Cu2QuPen(pen, FINENESS, reverse_direction=True), (1, 0, 0, 1, -left, 0))
        outlines[name].draw(moved)
        glyphs[name] = pen.glyph()
        widths[name] = round(right - left)
    has_signs = weight == "Regular"  # the bold font falls back to it
    if has_signs:
        names |= of_dejavu([ord(c) for c in characters if ord(c) not in names], em, glyphs, widths)
        order = list(glyphs)
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {name: (width, table[name].xMin if table[name].numberOfContours else 0) for name, width in widths.items()}
    )
    builder.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
    builder.setupNameTable(
        {
            "copyright": COPYRIGHT + COPYRIGHT_OF_DEJAVU * has_signs,
            "familyName": FAMILIES[weight],
            "styleName": "Regular",
            "uniqueFontIdentifier": f"{FAMILIES[weight]} {VERSION}",
            "fullName": FAMILIES[weight],
            "version": VERSION,
            "psName": f"LabSansSC-{weight}",
            "licenseDescription": LICENSE + LICENSE_OF_DEJAVU * has_signs,
        },
        mac=False,
    )
    builder.setupOS2(
        usWeightClass=400,
        fsSelection=0x40,
        sTypoAscender=font["OS/2"].sTypoAscender,
        sTypoDescender=font["OS/2"].sTypoDescender,
        usWinAscent=font["OS/2"].usWinAscent,
        usWinDescent=font["OS/2"].usWinDescent,
    )
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=CREATED, modified=CREATED)
    builder.font.recalcTimestamp = False
    return builder.font


def of_dejavu(codes: list[int], em: int, glyphs: dict[str, Any], widths: dict[str, int]) -> dict[int, str]:
    """Add the glyphs of DejaVu Sans for those characters, with their widths; returns what they are called."""
    font = TTFont(DEJAVU / "DejaVuSans.ttf")
    known, outlines, scale = font.getBestCmap(), font.getGlyphSet(), em / font["head"].unitsPerEm
    names = {code: f"dejavu.{code:x}" for code in codes if code in known}
    for code, name in names.items():
        pen, whole = TTGlyphPen(None), DecomposingRecordingPen(outlines)
        outlines[known[code]].draw(whole)
        whole.replay(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
        glyphs[name], widths[name] = pen.glyph(), round(font["hmtx"][known[code]][0] * scale)
    return names


if __name__ == "__main__":
    main()
