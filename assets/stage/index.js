/**
 * The live stage of every page. `loader.js` imports this file; then whatever Streamlit draws comes to `roiStage`.
 *
 *     index → stage → view → panel, output, controls, …   what stands on a page
 *                   ⇢ room                                a class that follows and answers: loaded when there is one
 *                   → connection                          what is asked of Python; `socket` and `streamlit` carry
 *     geometry, unpack, events, walk, connection, history need no page: `tests/stage` runs them in Node
 */

import { listenToCode } from "./code_text.js";
import { addHtml } from "./dom.js";
import { DragRecorder } from "./drag_recorder.js";
import { PageHistory } from "./history.js";
import { drawProduct } from "./matrices.js";
import { roomOfTab } from "./room_memory.js";
import { SocketConnection, socketAddress } from "./socket.js";
import { Stage } from "./stage.js";
import { StreamlitConnection } from "./streamlit.js";

/** @typedef {import("./streamlit.js").Component} Component */

const TRIES = 4, BETWEEN_TRIES = 2500; // ms
const history = new PageHistory(window);
const socket = new SocketConnection(socketAddress());
/** @type {import("./room.js").Room | null} */
let room = null;
/** @type {Stage | null} the one that was made last */
let newest = null;
listenToCode(document);
/** @type {WeakMap<HTMLElement, { stage: Stage, streamlit: StreamlitConnection }>} */
const stages = new WeakMap();

/** The room of this tab: most have none, and load none of its script. */
async function enterRoom() {
  const { Room } = await import("./room.js");
  if (room) return room;
  room = new Room();
  if (!newest) return room;
  room.attach(newest);
  if (newest.still) room.drawn(newest);
  return room;
}

/** Into the room of this tab, whose script may be lost on the way. @param {number} tries */
function comeBack(tries) {
  enterRoom().catch(() => {
    if (tries > 1) return void setTimeout(() => comeBack(tries - 1), BETWEEN_TRIES);
    document.body.classList.add("roi-in-room");
    addHtml(document.body, "p", { class: "roi roi-room", role: "alert" }, newest?.words.room_failed ?? "");
  });
}

/** Draw a page's stage. @param {Component} component */
function drawStage(component) {
  const { parentElement, data } = component;
  let drawn = stages.get(parentElement);
  if (!drawn || drawn.stage.kind !== data.kind) {
    drawn?.stage.destroy();
    const streamlit = new StreamlitConnection();
    drawn = { stage: new Stage(parentElement, data.kind, streamlit, socket, history), streamlit };
    newest = drawn.stage;
    newest.recorder = new DragRecorder();
    newest.openRoom = () => enterRoom().then((entered) => entered.open());
    room?.attach(newest);
    stages.set(parentElement, drawn);
  }
  const { stage, streamlit } = drawn;
  streamlit.receive(component);
  document.documentElement.removeAttribute("data-roi-waiting"); // what `early.js` held back
  return () => {
    if (parentElement.isConnected) return; // Streamlit may clean up an element that it keeps
    stage.destroy();
    stages.delete(parentElement);
  };
}

Object.assign(globalThis, { roiStage: drawStage, roiDrawBelow: () => drawProduct(Stage.latest) });
if (roomOfTab()) comeBack(TRIES);
for (const component of globalThis.roiWaiting?.splice(0) ?? []) {
  if (component.parentElement.isConnected) globalThis.roiStage?.(component); // else its page was left meanwhile
}
