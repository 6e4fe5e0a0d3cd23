"""Browsers of 2022 show the page: Chrome 105, Firefox 110, Safari 16. What is served needs nothing newer unguarded."""

import re
from collections.abc import Iterator

import pytest

from roialign_lab.asset_folder import ASSETS
from roialign_lab.figures.style import INKS, mix
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.script_files import STYLE, script_files
from roialign_lab.ui.deep_link import inline_scripts

COMMENT = re.compile(r"/\*.*?\*/", re.S)
NEWER_STYLE = {
    r"light-dark\(": "Chrome 123, Firefox 120, Safari 17.5",
    r"color-mix\(": "Chrome 111, Firefox 113, Safari 16.2",
    r"\d[dsl]v[hwbi]\b|\d[dsl]vmin\b|\d[dsl]vmax\b": "Chrome 108",
    r"\b(?:rgb|hsl)\(from\b|\bok(?:lch|lab)\(|(?<![\w-])color\(": "Chrome 111 to 119, Firefox 113 to 128",
    r"(?<![\w-])(?:round|mod|rem|sin|cos|pow|sqrt|hypot|linear|calc-size)\(": "Chrome 111 to 125",
    r"@(?:scope|starting-style|view-transition|property|position-try)\b|@container style\(": "Chrome 111 to 125",
    r":(?:user-valid|user-invalid|open|state|popover-open|modal)\b": "Chrome 105 to 133",
    r"(?<![\w-])(?:text-wrap|field-sizing|interpolate-size|animation-timeline|subgrid|anchor-name)\b": "Chrome 114 on",
    r"(?<![\w-])mask(?:-image|-size)?\s*:": "Chrome 120",
}
NEWER_SCRIPT = {
    r"\.(?:findLast|findLastIndex|toSorted|toReversed|toSpliced|with)\(": "Firefox 104 to 115",
    r"\b(?:Object|Map)\.groupBy\(|\bPromise\.(?:withResolvers|try)\(|\bArray\.fromAsync\(": "Chrome 117 to 128",
    r"\.(?:isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference|intersection|checkVisibility)\(": "late",
    r"\(\?<[=!]": "Safari 16.4",
    r"\b(?:requestIdleCallback|OffscreenCanvas|scheduler)\b|startViewTransition|AbortSignal\.any": "late or none",
    r"(?<=[/\])\w])/[dgimsuy]*v[dgimsuy]*[,;.)]": "Chrome 112",
    r"\bstatic \{|\bwith \{ type:|\busing \w+ =": "Safari 16.4 on",
    r"light-dark\(|color-mix\(": "as in the style",
}
HARMLESS = {"zoom: 1.35", "zoom: 1.75", "grid-column: span 3"}
"""What a rule with ``:has()`` sets: without it (Firefox up to 120) something is smaller, and nothing is missing."""


def rules(style: str, above: str = "") -> Iterator[tuple[str, str, str]]:
    """Every rule of a style: the at-rules or rules around it, its selector or at-rule, and what is in its braces."""
    at = 0
    while (start := style.find("{", at)) >= 0:
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(style[end], 0)
            end += 1
        head, body = style[at:start].rsplit(";", 1)[-1].strip(), style[start + 1 : end - 1]
        yield above, head, body
        yield from rules(body, f"{above} {head}".strip())
        at = end


def test_the_reader_of_styles_finds_what_is_inside_of_what():
    assert list(rules("a { b: c } @media x { d { e: f; g { h: i } } }")) == [
        ("", "a", " b: c "),
        ("", "@media x", " d { e: f; g { h: i } } "),
        ("@media x", "d", " e: f; g { h: i } "),
        ("@media x d", "g", " h: i "),
    ]


@pytest.fixture(scope="module", params=["stage", "site"])
def style(request) -> str:
    text = script_files()[STYLE] if request.param == "stage" else (ASSETS / "site/site.css").read_text(encoding="utf-8")
    return COMMENT.sub("", text)


def test_no_rule_stands_inside_of_another(style):
    nested = [(above, head) for above, head, body in rules(style) if "{" in body and not head.startswith("@")]
    assert nested == [], "Chrome 120, Firefox 117, Safari 17.2"


def test_the_style_has_nothing_newer(style):
    unguarded = "\n".join(
        f"{above} {head} {body}" for above, head, body in rules(style) if "@supports" not in above + head
    )
    for pattern, since in NEWER_STYLE.items():
        found = re.search(pattern, unguarded)
        assert found is None, f"{found[0] if found else ''}: {since}"


def test_what_depends_on_has_is_no_loss(style):
    for _, head, body in rules(style):
        if ":has(" in head:
            assert body.strip().rstrip(";") in HARMLESS, head


def test_the_scripts_have_nothing_newer():
    scripts = {name: text for name, text in script_files("index.js", "notebook.js").items() if name.endswith(".js")}
    scripts |= {path.name: path.read_text(encoding="utf-8") for path in (ASSETS / "site").glob("*.js")}
    assert len(scripts) > 50
    for name, text in scripts.items():
        for pattern, since in NEWER_SCRIPT.items():
            found = re.search(pattern, text)
            assert found is None, f"{name}, {found[0] if found else ''}: {since}"


def test_what_the_style_mixes_is_mixed_before_it_is_served():
    served = script_files()[STYLE]
    light, dark = (mix(INKS["text"].of(theme), INKS["roi"].of(theme), 0.68) for theme in ("light", "dark"))
    assert (light, dark) == ("#0f6854", "#69d4b9")
    assert ".stApp { --roi-paper: #ffffff;" in served and "[data-roi-dark] .stApp { --roi-paper: #0f1720;" in served
    assert re.findall(r"--roi-roi-68-text: (\S+);", served) == [light, dark]
    assert ".roi-ink-roi, .roi-key-align { color: var(--roi-roi-68-text); }" in served


def test_a_browser_that_is_older_reads_a_sentence_in_the_app_and_on_the_site():
    said = inline_scripts().decode()
    for language in LANGUAGES:
        sentence = text_in(language)("problem.old")
        assert "105" in sentence and "110" in sentence and "16" in sentence
        assert sentence.encode("ascii", "backslashreplace").decode() in said
    page = (ASSETS / "site/page.html").read_text(encoding="utf-8")
    assert 'CSS.supports("width", "1cqw")' in said and 'CSS.supports("width", "1cqw")' in page


def test_what_streamlit_asks_of_newer_browsers_is_given_to_older_ones(chromium):
    """In a browser that knows neither: it says that the flag ``v`` is none, and has no ``toSorted``."""
    page = chromium.new_page()
    page.evaluate(
        """() => {
             delete Array.prototype.toSorted;
             const own = RegExp;
             const refuse = (flags) => { if (/v/.test(flags)) throw new SyntaxError("Invalid flags"); };
             globalThis.RegExp = function (pattern, flags) { refuse(flags); return new own(pattern, flags); };
             globalThis.RegExp.prototype = own.prototype;
           }"""
    )
    page.add_script_tag(content=inline_scripts().decode().split("<script>")[1].removesuffix("</script>"))
    assert page.evaluate("[3, 1, 2].toSorted((a, b) => b - a)") == [3, 2, 1]
    assert page.evaluate('RegExp("[a-c]+", "gv")[Symbol.replace]("xabcx", "-")') == "x-x"
    assert page.evaluate('[new RegExp("%", "ivy").flags, new RegExp("%") instanceof RegExp, RegExp("a").flags]') == [
        "iuy",
        True,
        "",
    ]
    page.close()
