/**
 * A file that holds a whole lesson: the stage of the app, answered from a recording, with nothing to be loaded.
 * `roialign_lab/export/html_file.py` writes the file, its words and the recording; `html_file.css` is its style.
 */

import { addHtml, setAttributes, setText } from "./dom.js";
import { RecordedConnection } from "./recording.js";
import { Stage } from "./stage.js";

/** @typedef {import("./recording.js").Recording} Recording */

/**
 * @type {{ title: string, language: string, scheme: string, words: Record<string, Record<string, string>>, recording: Recording }}
 * `scheme`: light or dark, "" as the browser has it; `words` by language
 */
const file = JSON.parse(document.getElementById("file")?.textContent ?? "");
/** @type {import("./connection.js").Connection} everything goes the same way */
const NEVER = { isOpen: false, ask: () => {}, onanswer: null };
const NO_HISTORY = { note: () => {} };
const root = document.documentElement;

/** @param {string} id @returns {HTMLElement} */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Stage | null} */
let stage = null;
let place = -1; // of the part that is drawn
const connection = new RecordedConnection(file.recording, file.language, ({ kind }) => {
  if (place !== connection.place) {
    stage?.destroy();
    stage = new Stage(element("stage"), kind, connection, NEVER, NO_HISTORY);
    if (place >= 0) scrollTo(0, 0);
    ({ place } = connection);
  }
  drawWords();
});
const isDark = matchMedia("(prefers-color-scheme: dark)");
const schemes = addHtml(element("head"), "div", { class: "roi-choices", role: "group" });
const buttons = ["light", "dark"].map((scheme) => {
  const button = addHtml(schemes, "button", { type: "button", "data-testid": `theme-${scheme}` });
  button.addEventListener("click", () => {
    isDark.onchange = null; // a person has chosen
    paint(scheme);
  });
  return { scheme, button };
});

/** The words round the stage follow its language. */
function drawWords() {
  const { language, part } = connection, words = file.words[language];
  root.lang = language;
  document.title = [file.title, connection.read(part.stills[language]).bar.title].filter(Boolean).join(" · ");
  setAttributes(schemes, { "aria-label": words.theme });
  for (const { scheme, button } of buttons) setText(button, words[scheme]);
}

/** @param {string} scheme  light or dark */
function paint(scheme) {
  root.style.colorScheme = scheme;
  for (const choice of buttons) setAttributes(choice.button, { "aria-pressed": choice.scheme === scheme });
}

const followSystem = () => paint(isDark.matches ? "dark" : "light");
if (file.scheme) paint(file.scheme);
else followSystem();
isDark.onchange = file.scheme ? null : followSystem;

/** The part that the address names (`#2`), else the first. */
function follow() {
  const asked = Number(/^#(\d+)/.exec(location.hash)?.[1] ?? 1) - 1, next = asked in file.recording.parts ? asked : 0;
  if (next === place) return;
  connection.open(next);
  connection.show(0);
}

addEventListener("hashchange", follow);
follow();
