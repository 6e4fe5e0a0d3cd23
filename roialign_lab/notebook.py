"""A box on a feature map in a notebook (Jupyter, marimo, VS Code …): the stage of the app, answered by this kernel.

``pip install "roialign-lab[notebook]"``; docs/notebooks has an example of each kind.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import traitlets
from numpy.typing import ArrayLike

from roialign_core.trace import Trace
from roialign_lab.lesson.own_maps import own_array
from roialign_lab.lesson.scenario import Scenario, nearest_box
from roialign_lab.lesson.session import Session
from roialign_lab.stage.answer import answer, sequence_of
from roialign_lab.stage.page import PAGES, Page
from roialign_lab.stage.script_files import FOLDER, STYLE, script_files, sources

try:
    import anywidget
except ImportError as error:
    raise ImportError('the widget needs anywidget: pip install "roialign-lab[notebook]"') from error

ENTRY, LOADER = "notebook.js", "notebook_loader.js"
LEFT_OUT = ("menu", "figures", "own", "notes")  # what is the app's, or the notebook's own
LOOK = """
.roi-notebook { color-scheme: light; background: var(--roi-paper); color: var(--roi-text); padding: 8px 12px; }
body:is([data-jp-theme-light="false"], .vscode-dark, .dark) .roi-notebook { color-scheme: dark; }
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
    feature_map : a map (H, W) or maps (C, H, W) of your own in place of the scenario's.
    page : one of :data:`roialign_lab.stage.page.PAGES`, such as ``roi_pooling`` or ``quantization``.

    Attributes
    ----------
    box : x1, y1, x2, y2 in map cells. It follows what is dragged, and what is set is shown.

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
        self._page = Page(page, Session(language=language, hidden=LEFT_OUT))
        self._sequence = 0
        if scenario is not None:
            self._page.session.set_scenario(self._page.kind, scenario)
        if feature_map is not None:
            self._page.session.show_upload(self._page.kind, own_array(feature_map))
        super().__init__(box=self.scenario.box)
        self.on_msg(self._take)

    @property
    def scenario(self) -> Scenario:
        """What is looked at now."""
        return self._page.scenario

    @property
    def trace(self) -> Trace:
        """What the page's operator makes of it."""
        return self.scenario.trace(self._page.operator)

    @traitlets.validate("box")
    def _nearest_box(self, proposal: Any) -> tuple[float, float, float, float]:
        x1, y1, x2, y2 = proposal["value"]
        if not (x1 <= x2 and y1 <= y2):
            raise traitlets.TraitError(f"box is x1, y1, x2, y2 with x1 <= x2 and y1 <= y2 (got {proposal['value']})")
        return nearest_box((x1, y1, x2, y2), self.scenario.feature_map.shape)

    @traitlets.observe("box")
    def _show_box(self, change: Any) -> None:
        if change["new"] != self.scenario.box:
            self._answer({"box": [*change["new"]], "seq": self._sequence})

    def _take(self, _widget: object, event: object, _buffers: object) -> None:
        """Answer what a person did."""
        if isinstance(event, Mapping):
            self._sequence = sequence_of(event) or 0
            self._answer(event)
            self.box = self.scenario.box

    def _answer(self, event: Mapping[str, object]) -> None:
        self.send({"answer": answer(self._page.session, {**event, "page": self._page.name})})
