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

/** Draw a widget; what is returned takes it away. @param {{ model: Model, el: HTMLElement }} view */
export function render({ model, el }) {
  const host = document.createElement("div");
  host.className = "stApp roi-notebook";
  el.append(host);
  /** @type {KeptConnection} */
  const connection = { isOpen: true, ask: (event) => model.send(event), onanswer: null, restart: () => {} };
  /** @type {Stage | null} */
  let stage = null;
  /** @param {{ answer: Update }} message */
  const take = ({ answer }) => {
    stage ??= makeStage(host, answer, connection);
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

/** @param {HTMLElement} host @param {Update} answer @param {KeptConnection} connection */
function makeStage(host, { kind }, connection) {
  const stage = new Stage(host, kind, connection, NEVER, NO_HISTORY), press = stage.press.bind(stage);
  stage.press = (event) => { // elsewhere the arrow keys are the notebook's
    if (event.target instanceof Node && host.contains(event.target)) press(event);
  };
  return stage;
}
