/** Pointer, touch and keyboard on a map: the box and the point are dragged, sample points are pointed at. */

import { setText } from "./dom.js";
import { isGuess } from "./guess.js";
import { areEqual, ARROW_KEYS, CELL, cornerTowards, isUnderOneHandle } from "./geometry.js";
import { isRecorded } from "./handles.js";

/** @typedef {import("./wire.js").Focus} Focus */
/** @typedef {[x: number, y: number]} Place  on the map, in cells */

const STILL_A_CLICK = 2; // pixels that the pointer may move
const NEAR = 10; // pixels from the pointer to a × that it points at
const STEP = 0.05; // cells that an arrow key moves a side, and with the alt key:
const FINE_STEP = 0.01;

/** @param {Event} event */
const handleAt = (event) => /** @type {Element} */ (event.target).closest("[data-grip]");
/** @param {Element | null} handle */
const nameOf = (handle) => handle?.getAttribute("data-grip") ?? null;

/** @param {import("./panel.js").Panel} panel @param {import("./stage.js").Stage} stage */
export function listenToPanel(panel, stage) {
  new PanelInput(panel, stage);
}

class PanelInput {
  /** @param {import("./panel.js").Panel} panel @param {import("./stage.js").Stage} stage */
  constructor(panel, stage) {
    this.panel = panel;
    this.stage = stage;
    /** @type {{ handle: string, finger: number, from: Place, box: import("./wire.js").Box | null, hasMoved: boolean } | null} */
    this.drag = null;
    /** @type {Focus | null} the × under the pointer */
    this.pointedAt = null;
    /** @type {DOMRect | null} where the map is in the window */
    this.window = null;
    const { svg } = panel;
    svg.addEventListener("pointerdown", (event) => this.take(event));
    // A finger on the box drags it; one beside it scrolls the page.
    svg.addEventListener("touchstart", (event) => {
      if (event.cancelable && handleAt(event)) event.preventDefault();
    }, { passive: false });
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", (event) => this.release(event, true));
    svg.addEventListener("pointercancel", (event) => this.release(event, false));
    svg.addEventListener("pointerleave", () => this.leave());
    svg.addEventListener("keydown", (event) => this.press(event));
    svg.addEventListener("keyup", (event) => {
      const handle = nameOf(handleAt(event));
      if (!handle || !event.key.startsWith("Arrow")) return;
      if (isGuess(handle)) panel.guess?.letGo();
      else stage.commit();
    });
  }

  /** Where on the map an event is. Asking for the place of the map makes the browser lay out: once a drag.
   * @param {PointerEvent} event @returns {Place} */
  placeOf(event) {
    if (!this.window) {
      this.window = this.panel.svg.getBoundingClientRect();
      if (!this.drag) setTimeout(() => (this.window = this.drag ? this.window : null));
    }
    const { left, top, width, height } = this.window, [x1, y1, x2, y2] = this.panel.extent;
    return [x1 + ((event.clientX - left) / width) * (x2 - x1), y1 + ((event.clientY - top) / height) * (y2 - y1)];
  }

  /** @param {PointerEvent} event */
  take(event) {
    const { stage, panel } = this, grip = handleAt(event);
    if (isRecorded(stage)) return;
    const scrolls = panel.isLoupe && event.pointerType === "touch"; // a finger beside the × of a closer look
    const handle = nameOf(grip) ?? (stage.kind === "point" && !scrolls ? "point" : null);
    if (!handle || event.button || this.drag) return; // a second finger does not take over
    event.preventDefault();
    panel.svg.setPointerCapture(event.pointerId);
    /** @type {SVGElement | null} */ (grip)?.focus({ preventScroll: true });
    this.window = null;
    this.drag = { handle, finger: event.pointerId, from: [0, 0], box: stage.box, hasMoved: false };
    this.drag.from = this.placeOf(event);
    if (panel.isLoupe) panel.hold(true);
    if (isGuess(handle)) panel.guess?.take();
    if (handle === "point") stage.movePoint(...this.drag.from);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const { drag, stage, panel } = this;
    if (drag && event.pointerId !== drag.finger) return;
    const place = this.placeOf(event);
    setText(panel.readout, panel.readingAt(...place));
    if (!drag) return this.pointAt(...place);
    const dx = place[0] - drag.from[0], dy = place[1] - drag.from[1];
    if (!drag.hasMoved && (Math.hypot(dx, dy) * CELL) / panel.unit < STILL_A_CLICK) return;
    if (isGuess(drag.handle)) {
      drag.hasMoved = true;
      return panel.guess?.pull(drag.handle, place, drag.from);
    }
    if (!drag.hasMoved && drag.box && isUnderOneHandle(drag.box, panel.unit)) drag.handle = cornerTowards(dx, dy);
    drag.hasMoved = true;
    stage.isDragging = true;
    if (drag.handle === "point") stage.movePoint(...place);
    else if (drag.box) stage.pullBox(drag.handle, drag.box, dx, dy);
  }

  /** @param {PointerEvent} event @param {boolean} isUp */
  release(event, isUp) {
    const { drag, stage } = this;
    if (drag && isGuess(drag.handle) && event.pointerId === drag.finger) {
      this.drag = this.window = null;
      return this.panel.guess?.letGo();
    }
    const isTap = isUp && !drag?.hasMoved && (!drag || event.pointerId === drag.finger);
    if (isTap && stage.prediction.tap(this.panel, this.placeOf(event))) {
      this.drag = this.window = null;
      return;
    }
    if (!drag) {
      if (isUp && this.pointedAt) stage.pin(this.pointedAt);
      return;
    }
    if (event.pointerId !== drag.finger) return;
    this.drag = this.window = null;
    stage.isDragging = false;
    if (this.panel.isLoupe) this.panel.hold(false);
    if (drag.hasMoved || drag.handle === "point") stage.commit();
    else if (this.pointedAt) stage.pin(this.pointedAt);
  }

  leave() {
    setText(this.panel.readout, "");
    if (this.drag || !this.pointedAt) return;
    this.pointedAt = null;
    this.stage.look(null);
  }

  /** A × under the pointer is looked at like an output cell. @param {number} x @param {number} y */
  pointAt(x, y) {
    const { panel, stage } = this, samples = panel.marks?.samples;
    if (!samples?.count || !panel.hasSamplesToPointAt || stage.prediction.isOpen) return;
    const k = samples.near(x, y, (NEAR * panel.unit) / CELL);
    const found = k < 0 ? null : samples.at(k);
    const focus = found && { row: found.row, column: found.column, sample: found.place };
    if (areEqual(Object.values(focus ?? {}), Object.values(this.pointedAt ?? {}))) return;
    this.pointedAt = focus;
    stage.look(focus);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { stage } = this, handle = nameOf(handleAt(event)), direction = ARROW_KEYS[event.key];
    if (handle && isGuess(handle) && (direction || event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      event.stopPropagation();
      return this.panel.guess?.press(handle, event);
    }
    if (!handle || !direction) return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.altKey ? FINE_STEP : STEP, dx = direction[0] * by, dy = direction[1] * by;
    if (handle === "point" && stage.point) stage.movePoint(stage.point[1] + dx, stage.point[0] + dy);
    else if (stage.box) stage.pullBox(event.shiftKey && handle === "move" ? "se" : handle, stage.box, dx, dy);
  }
}
