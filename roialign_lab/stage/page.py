"""The pages with a stage: their names, their files, and the page that is open in a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roialign_core.operators import Operator
from roialign_core.trace import Trace
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import Text, text_in

PAGES = {
    "home": "app.py",
    "image": "pages/1_Image_to_features.py",
    "roi_pooling": "pages/2_RoI_Pooling.py",
    "roi_align": "pages/3_RoI_Align.py",
    "bilinear": "pages/4_Bilinear_interpolation.py",
    "quantization": "pages/5_Quantization_error.py",
    "network": "pages/10_A_trained_network.py",
    "family": "pages/6_Operator_family.py",
    "gradients": "pages/7_Gradients.py",
    "quiz": "pages/9_Quiz.py",
    "slides": "pages/8_Slides.py",
}
"""Every page and its file, in the order of the menu."""
PATH = (
    *("home", "image", "roi_pooling", "roi_align", "bilinear", "quantization", "network"),
    *("family", "gradients", "quiz"),
)
"""The pages that a class goes through, from the first to the last."""
FURTHER = ("family", "gradients")
"""Those of them that a short lecture leaves out: a group of their own in the menu."""
WALKS = {
    "home": "home",
    "image": "image",
    "roi_pooling": "roi_pool",
    "roi_align": "roi_align",
    "bilinear": "bilinear",
    "quantization": "error",
    "network": "network",
    "family": "family",
    "gradients": "gradients",
    "slides": "slides",
    "quiz": "quiz",
}
NOT_PRESENTED = ("own", "notes", "figures", "downloads")


@dataclass(frozen=True)
class Page:
    """The page that is open: its name and the session that looks at it."""

    name: str
    session: Session

    @property
    def text(self) -> Text:
        """The words of the session's language."""
        return text_in(self.session.language)

    @property
    def kind(self) -> str:
        """``home``, or the walk that the page shows."""
        return WALKS[self.name]

    @property
    def scenario(self) -> Scenario:
        """What is being looked at now."""
        return self.session.scenario_of(self.kind)

    @property
    def operator(self) -> Operator:
        """The operator that the page walks through; RoI Align for a page without a walk."""
        return self.scenario.pool if self.kind == "roi_pool" else self.scenario.align

    @property
    def onward(self) -> tuple[str, ...]:
        """The page that comes next on the path, and after it the page where those that can be left out end.

        A lecture leaves them out, but goes on among them where one of them was opened.

        >>> [Page(name, Session()).onward for name in ("roi_pooling", "quantization", "quiz")]
        [('roi_align',), ('network',), ()]
        >>> [Page(name, Session(presenting=True)).onward for name in ("network", "family", "gradients")]
        [('quiz',), ('gradients',), ('quiz',)]
        """
        if self.name not in PATH[:-1]:
            return ()
        after = PATH[PATH.index(self.name) + 1 :]
        needed = next(name for name in after if name not in FURTHER)
        if self.name in FURTHER or needed == after[0]:
            return (after[0],)
        return (needed,) if self.session.presenting else (after[0], needed)

    @property
    def before(self) -> str | None:
        """The page before this one on the path, as a clicker turns back; a lecture did not go through :data:`FURTHER`.

        >>> [Page(name, Session()).before for name in ("home", "image", "quiz")]
        [None, 'home', 'gradients']
        >>> [Page(name, Session(presenting=True)).before for name in ("quiz", "gradients", "family")]
        ['network', 'family', 'network']
        """
        if self.name not in PATH[1:]:
            return None
        came = PATH[: PATH.index(self.name)]
        if self.session.presenting and self.name not in FURTHER:
            came = tuple(name for name in came if name not in FURTHER)
        return came[-1]

    @property
    def title(self) -> str:
        """The heading of the page."""
        return self.text("app.name" if self.name == "home" else "title." + self.name)

    def shows(self, part: str) -> bool:
        """False for a part that the lesson link left out, or that a lecture does without."""
        return part not in self.session.hidden and not (self.session.presenting and part in NOT_PRESENTED)

    @property
    def address(self) -> dict[str, str]:
        """What the address of the page says."""
        return self.session.to_address(self.kind)


def trace_asked(page: Page) -> Trace:
    """What a question on the map of a page is checked against: on the page of gradients, RoI Pooling."""
    return page.scenario.trace(page.scenario.pool if page.kind == "gradients" else page.operator)


def page_after(page: Page, event: Mapping[str, object]) -> str | None:
    """The page that an event leads to; None where it stays. The map and the box may go along, or the small map come.

    A lecture turns from page to page: its walk opens at the first step, or on the way back at the last. A link to one
    step opens that one.
    """
    target = event.get("go_to")
    if not isinstance(target, str) or target not in PAGES:
        return None
    if event.get("take") is True:
        page.session.carry(page.kind, WALKS[target])
    if event.get("small") is True:
        page.session.look_at_small_map()
    if event.get("turn") in (1, -1):
        page.session.open_walk(WALKS[target], at_end=event["turn"] == -1)
    if isinstance(event.get("at_step"), str):
        page.session.open_step(WALKS[target], str(event["at_step"]))
    return target


def address_of(name: str) -> str:
    """Where a page is, as a link from any other page."""
    return "./" if name == "home" else PAGES[name].split("_", 1)[1].removesuffix(".py")
