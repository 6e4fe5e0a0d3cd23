/** The stage in a notebook: the way to Python is the widget's messages (`roialign_lab/notebook.py`). */

import { Stage } from "./stage.js";

/** @typedef {import("./connection.js").KeptConnection} KeptConnection */
/** @typedef {import("./wire.js").Update} Update */

/**
 * What is used of a widget's model.
 *
 * @typedef {object} Model
 * @property {(event: object) => void} send
 * @property {(name: "msg:custom", take: (message: { answer: Update }) => void) => void} on
 * @property {(name: "msg:custom", take: (message: { answer: Update }) => void) => void} off
 */

/** @type {import("./connection.js").Connection} everything goes the same way */
const NEVER = { isOpen: false, ask: () => {}, onanswer: null };
const NO_HISTORY = { note: () => {} };
const LEFT_TO_ALL = /^(Escape|F\d+)$/;

/** Draw a widget; what is returned takes it away. @param {{ model: Model, el: HTMLElement }} view */
export function render({ model, el }) {
  const host = document.createElement("div");
  host.className = "stApp roi-notebook";
  host.addEventListener("keydown", keep);
  el.append(host);
  /** @type {KeptConnection} */
  const connection = { isOpen: true, ask: (event) => model.send(event), onanswer: null, restart: () => {} };
  /** @type {Stage | null} */
  let stage = null;
  /** @param {{ answer: Update }} message */
  const take = ({ answer }) => {
    stage ??= new Stage(host, answer.kind, connection, NEVER, NO_HISTORY, host);
    connection.onanswer?.(answer);
  };
  model.on("msg:custom", take);
  model.send({ seq: 0 });
  return () => {
    model.off("msg:custom", take);
    stage?.destroy();
    host.remove();
  };
}

/** A key in the widget is not the notebook's, where X would cut the cell. What has Ctrl, Alt or ⌘ is, as it saves or runs.
 * @param {KeyboardEvent} event */
function keep(event) {
  if (!event.ctrlKey && !event.altKey && !event.metaKey && !LEFT_TO_ALL.test(event.key)) event.stopPropagation();
}
