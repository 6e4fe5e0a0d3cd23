"""A box on a feature map in a notebook (Jupyter, marimo, VS Code …): the stage of the app, answered by this kernel.

``pip install "roialign-lab[notebook]"``; docs/notebooks has an example of each kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from numpy.typing import ArrayLike

from roialign_core.trace import Trace
from roialign_lab.lesson.lesson_part import fits
from roialign_lab.lesson.maps import is_map
from roialign_lab.lesson.own_limits import OwnDataError
from roialign_lab.lesson.own_maps import own_array
from roialign_lab.lesson.scenario import Box, Scenario, nearest_box, nearest_point
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.stage.answer import answer, sequence_of
from roialign_lab.stage.page import PAGES, Page
from roialign_lab.stage.script_files import FOLDER, STYLE, script_files, sources

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError('the widget needs anywidget: pip install "roialign-lab[notebook]"') from error

ENTRY, LOADER = "notebook.js", "notebook_loader.js"
LEFT_OUT = ("menu", "figures", "own", "notes")  # what is the app's, or the notebook's own
MAPS_OF_ITS_OWN = {"image": "maps of a photo", "network": "maps of drawn pictures", "quiz": "its own questions"}
LOOK = """
.roi-notebook { color-scheme: light; background: var(--roi-paper); color: var(--roi-text); padding: 8px 12px; }
body:is([data-jp-theme-light="false"], .vscode-dark, .dark) .roi-notebook { color-scheme: dark; }
:host .roi-notebook { color-scheme: inherit; }
.roi-notebook :is([data-testid="share"], [data-testid="present"]) { display: none; }
"""


def script() -> str:
    """The widget's module."""
    declared = f"const SOURCES = {json.dumps(sources(ENTRY))}, ENTRY = {json.dumps(ENTRY)};\n"
    return declared + (FOLDER / LOADER).read_text(encoding="utf-8")


class Lab(anywidget.AnyWidget):
    """A page of the lesson as a widget.

    Parameters
    ----------
    scenario : what is looked at first: map, box, output size, operators' options.
    feature_map : a map (H, W) or maps (C, H, W) of your own in place of the scenario's; the scenario's box stays as far
        as it fits, and without a scenario the box is a part in the middle.
    page : one of :data:`roialign_lab.stage.page.PAGES`, such as ``roi_pooling`` or ``quantization``. The image page
        shows maps of a photo alone, that of trained networks those of drawn pictures, the quiz its own questions.
    language : one of :data:`roialign_lab.lesson.text.LANGUAGES`.

    Attributes
    ----------
    box : x1, y1, x2, y2 in map cells, to six decimals. It follows what is dragged, and what is set is shown.

    Raises
    ------
    ValueError : for a page or a language that does not exist, a map that cannot be read, and what the page cannot show.

    >>> lab = Lab(Scenario(box=(0, 3, 7, 8)))
    >>> lab.trace.output.round(4).tolist()
    [[0.477, 0.471], [0.4569, 0.4552]]
    >>> lab.box = (1, 2, 4, 6)
    >>> lab.trace.box.tolist()
    [16.0, 32.0, 64.0, 96.0]
    """

    _esm = script()
    _css = script_files()[STYLE] + LOOK
    box = traitlets.Tuple(*(traitlets.Float() for _ in range(4))).tag(sync=True)

    def __init__(
        self,
        scenario: Scenario | None = None,
        feature_map: ArrayLike | None = None,
        *,
        page: str = "roi_align",
        language: str = "en",
    ) -> None:
        if page not in PAGES:
            raise ValueError(f"page: {page!r} is not one of {', '.join(PAGES)}")
        if language not in LANGUAGES:
            raise ValueError(f"language: {language!r} is not one of {', '.join(LANGUAGES)}")
        self._page = Page(page, Session(language=language, hidden=LEFT_OUT))
        self._sequence = 0
        self._look_at(scenario, feature_map)
        super().__init__(box=self.scenario.box)
        self.on_msg(self._take)

    def _look_at(self, scenario: Scenario | None, feature_map: ArrayLike | None) -> None:
        """Begin with a scenario and a map of one's own, where they are given and the page can show them."""
        session, kind, name = self._page.session, self._page.kind, self._page.name
        if feature_map is not None and kind in MAPS_OF_ITS_OWN:
            raise ValueError(f"feature_map: the page {name!r} shows {MAPS_OF_ITS_OWN[kind]} alone; take another page")
        if scenario is not None:
            if feature_map is None and not is_map(scenario.map):
                raise ValueError(f"scenario: there is no map {scenario.map!r}; give your own as feature_map")
            if kind == "quiz" or not fits(kind, scenario):
                shown = f"the page {name!r} shows {MAPS_OF_ITS_OWN[kind]} alone"
                raise ValueError(f"scenario: {shown}, not the map {scenario.map!r}; take another page")
            session.set_scenario(kind, scenario)
        if feature_map is not None:
            try:
                session.show_upload(kind, own_array(feature_map))
            except OwnDataError as error:
                sentence = text_in(session.language)(error.key, **error.values)
                raise ValueError(f"feature_map: {sentence}") from None
        if scenario is not None:
            point = nearest_point(scenario.point, self.scenario.feature_map.shape)
            session.set_scenario(kind, replace(self.scenario, box=self._on_map(scenario.box), point=point))

    def _on_map(self, box: Box) -> Box:
        """The nearest box on the map that is shown."""
        x1, y1, x2, y2 = box
        if not (x1 <= x2 and y1 <= y2 and all(map(isfinite, box))):
            raise traitlets.TraitError(f"box is finite x1, y1, x2, y2 with x1 <= x2 and y1 <= y2 (got {box})")
        return nearest_box(box, self.scenario.feature_map.shape)

    @property
    def scenario(self) -> Scenario:
        """What is looked at now."""
        return self._page.scenario

    @property
    def trace(self) -> Trace:
        """What the page's operator makes of it."""
        return self.scenario.trace(self._page.operator)

    @traitlets.validate("box")
    def _nearest_box(self, proposal: Any) -> Box:
        return self._on_map(proposal["value"])

    @traitlets.observe("box")
    def _show_box(self, change: Any) -> None:
        if change["new"] != self.scenario.box:
            self._answer({"box": [*change["new"]], "seq": self._sequence})

    def _take(self, _widget: object, event: object, _buffers: object) -> None:
        """Answer what a person did."""
        if isinstance(event, Mapping):
            self._sequence = sequence_of(event) or 0
            self._answer(event)

    def _answer(self, event: Mapping[str, object]) -> None:
        """Send the answer; a box that the page did not take, as a question of the quiz that stands, is as it was."""
        self.send({"answer": answer(self._page.session, {**event, "page": self._page.name})})
        self.box = self.scenario.box
