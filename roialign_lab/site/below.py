"""What stands under the stage of a page, as HTML. Made by the build.

The parts that look at what the stage shows are places with a name here; ``sections`` fills them, in the browser.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from html import escape
from urllib.parse import urlencode

from roialign_core.backbone import STRIDES
from roialign_core.masks import RESOLUTIONS
from roialign_lab.figures import trained_results
from roialign_lab.figures.experiments import LARGEST_SEED, MASK_STRIDES, OBJECTS, SPOKEN, USUAL_OBJECTS
from roialign_lab.lesson.address import to_address
from roialign_lab.lesson.moments import MOMENTS, Moment, moments_of
from roialign_lab.lesson.own_maps import MAP_ENDINGS, PHOTO_ENDINGS, RECIPE, SMALL_MATRIX
from roialign_lab.lesson.predict_cell import LARGEST_CELL
from roialign_lab.lesson.quiz import LARGEST_SEED as LARGEST_QUIZ
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import Text
from roialign_lab.site.html import button, choice, code, heading, prose, table, whole_number, words
from roialign_lab.site.sections import Sections
from roialign_lab.stage.page import PAGES, WALKS, Page, address_of
from roialign_lab.stage.plan import plan

NOTES = ("image", "roi_pooling", "roi_align", "bilinear", "family", "gradients")
"""The pages with a note of the lecturer."""
USUAL_STRIDE = 16  # of the map that the dot is on


def below(page: str, text: Text) -> str:
    """The words under a page, in parts that a lesson link can leave out."""
    note = [prose(text(f"note.{page}"))] if page in NOTES else []
    moments = []
    if page != "home" and moments_of(page):
        moments = [heading(text("moment.heading")), _cards(_moment(moment, text) for moment in moments_of(page))]
    own = [("own", [_own_data(page, text)])]
    match page:
        case "home":
            parts = [("notes", _home(text))]
        case "image":
            parts = [*own, ("notes", [*note, *_places(text), *moments, *_dot(text)])]
        case "roi_pooling" | "roi_align":
            parts = [*own, ("notes", [*note, *moments]), ("downloads", [_section("downloads", follows=True)])]
        case "bilinear":
            parts = [*own, ("", [heading(text("surface.title")), _section("surface", follows=True)]), ("notes", note)]
        case "quantization":
            parts = [*own, ("notes", moments), ("", [*_spread(text), *_masks(text)])]
        case "network":
            parts = [("notes", _trained(text))]
        case "family":
            parts = [*own, ("notes", [*note, *moments]), ("", _family(text))]
        case "gradients":
            parts = [
                *own,
                ("", [heading(text("gradient.check")), _section("slopes", follows=True)]),
                ("notes", [*note, *moments]),
            ]
        case "slides":
            parts = [("", [prose(text("site.slides")), _section("lesson", follows=True)])]
        case "quiz":
            seed = whole_number(text("quiz.seed"), "seed", 1, LARGEST_QUIZ).replace("data-value", "data-set")
            parts = [("", [f'<div class="site-row">{seed}<span>{words(text("quiz.intro"))}</span></div>'])]
    return "\n".join(_shown_with(name, content) for name, content in parts if content)


def matrices_words(text: Text) -> dict[str, str]:
    """Heading and introduction of the two matrices of RoI Align, which the stage draws."""
    return {"matrices_title": escape(text("matrices.title")), "matrices_intro": prose(text("matrices.intro"))}


def _shown_with(part: str, content: Iterable[str]) -> str:
    """Content that is shown where a page shows that part; without a name, always."""
    body = "\n".join(content)
    return f'<div data-shown-with="{part}">{body}</div>' if part else body


def _built(name: str, page: str, text: Text) -> str:
    """A section that is the same for everybody."""
    made = Sections().make(name, Page(page, Session(text.language)), {})
    written = escape(json.dumps(made, ensure_ascii=False, separators=(",", ":")))
    return f'<section data-section="{name}" data-built="{written}"><div class="site-result"></div></section>'


def _section(name: str, follows: bool = False, controls: str = "") -> str:
    """A place that Python fills when it is seen, and again when what is shown changes where it ``follows`` that."""
    row = f'<div class="site-row">{controls}</div>' if controls else ""
    again = " data-follows" if follows else ""
    return f'<section data-section="{name}"{again}>{row}<div class="site-result"></div></section>'


def _opened(title: str, *content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{''.join(content)}</details>"


# ---- the pages ----------------------------------------------------------------------------------------------------


def _home(text: Text) -> list[str]:
    return [
        _opened(text("plan.title"), table(plan(text)), prose(text("plan.further"))),
        heading(text("app.start")),
        _cards(_way_in(name, text) for name in PAGES if name != "home"),
        heading(text("moment.all")),
        _links(MOMENTS, text),
        _glossary(text),
        prose(text("site.more")),
    ]


def _own_data(page: str, text: Text) -> str:
    of_photo = page == "image"
    endings = ",".join(f".{ending}" for ending in (PHOTO_ENDINGS if of_photo else (*MAP_ENDINGS, *PHOTO_ENDINGS)))
    file = f'<label>{escape(text("own.file"))} <input type="file" accept="{endings}" data-own="file"></label>'
    file += f'<label hidden>{escape(text("own.array"))} <select data-own="array"></select></label>'
    content = [prose(text("site.own_image" if of_photo else "site.own")), f'<div class="site-row">{file}</div>']
    if not of_photo:
        area = f'<textarea rows="4" placeholder="{escape(SMALL_MATRIX)}" data-own="matrix"></textarea>'
        use = button(text("own.use"), own="use")
        content.append(f'<div class="site-row"><label>{escape(text("own.matrix"))} {area}</label>{use}</div>')
    content.append('<p role="status" class="site-message" data-own="problem" hidden></p>')
    if not of_photo:
        content += [prose(text("own.recipe")), code(RECIPE)]
    return _opened(text("own.image_title" if of_photo else "own.title"), *content)


def _places(text: Text) -> list[str]:
    return [heading(text("places.title")), _built("places", "image", text)]


def _dot(text: Text) -> list[str]:
    strides = {str(stride): str(stride) for stride in STRIDES}
    controls = choice(text("moment.predict.stride"), "stride", strides, str(USUAL_STRIDE))
    controls += whole_number(text("moment.predict.row"), "row", 0, LARGEST_CELL)
    controls += whole_number(text("moment.predict.column"), "column", 0, LARGEST_CELL)
    controls += button(text("moment.predict.check"), do="check") + button(text("moment.predict.another"), do="another")
    return [heading(text("moment.predict.title")), _section("dot", follows=True, controls=controls)]


def _spread(text: Text) -> list[str]:
    controls = whole_number(text("spread.seed"), "seed", 0, LARGEST_SEED)
    return [heading(text("spread.title")), prose(text("spread.intro")), _section("spread", controls=controls)]


def _masks(text: Text) -> list[str]:
    strides = {str(stride): str(stride) for stride in MASK_STRIDES}
    person = _section("person", controls=choice(text("mask.stride"), "stride", strides, str(SPOKEN[0])))
    bins = {str(side): f"{side}×{side}" for side in RESOLUTIONS}
    controls = choice(text("mask.resolution"), "resolution", bins, str(RESOLUTIONS[0]))
    controls += choice(text("mask.objects"), "objects", {str(n): str(n) for n in OBJECTS}, str(USUAL_OBJECTS))
    controls += whole_number(text("spread.seed"), "seed", 0, LARGEST_SEED) + button(text("mask.run"), do="run")
    learned = text("mask.learned", page=text("title.network"))
    return [
        heading(text("mask.title")),
        person,
        prose(text("mask.intro")),
        _section("masks", controls=controls),
        prose(learned),
    ]


def _trained(text: Text) -> list[str]:
    networks = [table(trained_results.table_of_variants(text)), prose(text("trained.variants_say"))]
    networks += [table(trained_results.table_of_mix(text)), prose(text("trained.mix_says"))]
    paper = [table(trained_results.table_of_paper(text)), prose(text("trained.paper_says"))]
    return [
        heading(text("trained.title")),
        prose(text("trained.about")),
        table(trained_results.table_of_strides(text)),
        _built("trained", "network", text),
        _opened(text("trained.variants"), *networks),
        _opened(text("trained.paper"), *paper),
    ]


def _family(text: Text) -> list[str]:
    asked = prose(text("family.conventions_intro")) + prose(text("site.onnx"))
    return [
        _opened(text("family.conventions"), asked, _section("conventions", follows=True)),
        _opened(text("family.table"), prose(text("family.table_intro")), _built("members", "family", text)),
        _opened(text("family.code"), _section("code", follows=True)),
        _opened(text("family.exhibits"), _built("exhibits", "family", text)),
    ]


# ---- cards and links ----------------------------------------------------------------------------------------------


def _cards(cards: Iterable[str]) -> str:
    return '<div class="site-cards">' + "".join(f"<article>{card}</article>" for card in cards) + "</div>"


def _way_in(page: str, text: Text) -> str:
    return f"<h3>{_link(page, {}, text(f'title.{page}'), text)}</h3>{prose(text(f'card.{page}'))}"


def _moment(moment: Moment, text: Text) -> str:
    sentence = prose(text(f"moment.{moment.key}.sentence", **moment.values))
    recipe = code(inspect.getsource(moment.recipe)) if moment.recipe else ""
    way = _link(moment.page, to_address(moment.scenario, WALKS[moment.page]), text("moment.open"), text)
    return f"<h3>{escape(text(f'moment.{moment.key}.title'))}</h3>{sentence}{recipe}<p>{way}</p>"


def _links(moments: Iterable[Moment], text: Text) -> str:
    items = (_link(m.page, to_address(m.scenario, WALKS[m.page]), text(f"moment.{m.key}.title"), text) for m in moments)
    return '<ul class="site-links">' + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _link(page: str, address: dict[str, str], label: str, text: Text) -> str:
    query = urlencode({**address, "lang": text.language}, safe=",;")
    return f'<a data-page="{page}" href="{escape(f"{address_of(page)}?{query}")}">{escape(label)}</a>'


def _glossary(text: Text) -> str:
    terms = [key.split(".")[0] for key in text.under("glossary") if key.endswith(".term")]
    rows = (
        f"<dt>{words(text(f'glossary.{term}.term'))}</dt><dd>{words(text(f'glossary.{term}.meaning'))}</dd>"
        for term in terms
    )
    return _opened(text("glossary.title"), f"<dl>{''.join(rows)}</dl>")
