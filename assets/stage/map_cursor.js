/**
 * What of a map the keyboard reaches besides the box: its × one by one; while a step is predicted the cells and places that
 * can be tapped. It is one slider: arrow keys move it, Enter keeps the × or taps. Every number that it says came from Python.
 */

import { nameOf } from "./detail.js";
import { addSvg, interpolate, setAttributes } from "./dom.js";
import { areEqual, ARROW_KEYS, CELL, clamp } from "./geometry.js";

/** @typedef {import("./panel.js").Panel} Panel */
/** @typedef {import("./unpack.js").Sample} Sample */
/** @typedef {import("./unpack.js").Samples} Samples */
/** @typedef {[x: number, y: number]} Place  in map cells */
/** @typedef {"samples" | "cell" | "place" | "ofBin" | ""} Mode  what the arrow keys go through; `ofBin`: the × of the bin asked for */

const RING = 13; // pixels: the radius round a × or a place
const STEP = 0.25; // cells that an arrow key moves a place, and with the alt key:
const FINE_STEP = 0.05;
const ASIDE = 4; // how much more it counts that a × lies aside of an arrow than along it

export class MapCursor {
  /** @param {SVGGElement} layer @param {Panel} panel @param {import("./stage.js").Stage} stage */
  constructor(layer, panel, stage) {
    this.panel = panel;
    this.stage = stage;
    this.root = addSvg(layer, "g", { class: "roi-cursor", tabindex: 0, role: "slider", "data-testid": "map-cursor", "aria-valuenow": 0 });
    this.marks = ["roi-cursor-halo", "roi-cursor-ring"].map((name) =>
      ({ ring: addSvg(this.root, "circle", { class: name }), cell: addSvg(this.root, "rect", { class: name, rx: 6 }) }));
    /** @type {Place} where a prediction is about to be tapped */
    this.place = [0, 0];
    /** @type {Mode} */
    this.mode = "";
    this.asked = ""; // the bin and the step that `place` was meant for
    this.root.addEventListener("keydown", (event) => this.press(event));
    this.root.addEventListener("focus", () => this.enter());
    this.root.addEventListener("blur", () => this.stage.look(null));
    this.draw();
  }

  /** @returns {Mode} */
  get modeNow() {
    const { panel, stage: { prediction, panels } } = this, areShown = panel.hasSamplesToPointAt, mark = prediction.asked?.mark;
    if (!prediction.isOpen) return areShown && panel.marks?.samples.count ? "samples" : "";
    if (panels.indexOf(panel) > 0 || mark === "region" || mark === "weight") return "";
    if (mark === "cell") return "cell";
    return areShown ? "ofBin" : "place";
  }

  get isFocused() {
    return this.root.matches(":focus");
  }

  /** The × that it stands at. */
  get sample() {
    const { panel: { marks, chosen }, mode } = this;
    if (mode === "samples") return chosen;
    const k = mode === "ofBin" ? marks?.samples.near(...this.place, STEP / 100) : undefined;
    return k === undefined || k < 0 ? null : marks?.samples.at(k) ?? null;
  }

  /** Another answer of Python, × or prediction; while a box is dragged nobody is here. */
  draw() {
    if (this.stage.isDragging) return;
    const was = this.mode, isLeft = this.isFocused && was !== "samples" && !this.stage.prediction.isOpen;
    this.mode = this.modeNow;
    if (isLeft) this.stage.view?.walkBar?.focusNext(); // the prediction is over
    this.root.style.display = this.mode ? "" : "none";
    if (!this.mode) this.asked = "";
    if (!this.mode) return;
    const { focus: { row, column }, step } = this.stage, asked = `${this.mode} ${row} ${column} ${step}`;
    if (this.mode !== "samples" && this.asked !== asked) this.place = this.firstPlace;
    this.asked = asked;
    setAttributes(this.root, {
      "aria-label": this.label, "aria-valuetext": this.text,
      "aria-valuenow": this.sample?.number ?? 0, "aria-valuemax": this.panel.marks?.samples.count ?? 0,
    });
    this.drawMark();
  }

  /** In the middle of the bin, or of the box where a region is asked for, which tells nothing. @returns {Place} */
  get firstPlace() {
    const { panel: { marks, moving, samplesInBin: { start, end } }, stage: { box, prediction, focus: { row, column } } } = this;
    const bin = marks?.rectangles.bin[row * (moving?.output_columns ?? 1) + column];
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = (prediction.asked?.of === "region" ? box : bin) ?? [];
    if (this.mode === "ofBin" && marks && end > start) return [marks.samples.x(start), marks.samples.y(start)];
    return this.inside((x1 + x2) / 2, (y1 + y2) / 2);
  }

  /** The nearest place on the map that can be tapped: the middle of a cell, or any. @param {number} x @param {number} y
   * @returns {Place} */
  inside(x, y) {
    const { rows = 1, columns = 1 } = this.panel.still ?? {};
    if (this.mode === "cell") return [clamp(Math.floor(x), 0, columns - 1) + 0.5, clamp(Math.floor(y), 0, rows - 1) + 0.5];
    return /** @type {Place} */ ([clamp(x, 0, columns), clamp(y, 0, rows)].map((at) => Math.round(at / FINE_STEP) * FINE_STEP));
  }

  drawMark() {
    const { mode, panel: { unit, placement: { inset } }, place: [x, y] } = this, at = this.sample ?? { x, y }, isCell = mode === "cell";
    const length = (1 - 2 * inset) * CELL;
    for (const { ring, cell } of this.marks) {
      setAttributes(ring, { cx: at.x * CELL, cy: at.y * CELL, r: isCell ? 0 : RING * unit });
      setAttributes(cell, {
        x: (Math.floor(x) + inset) * CELL, y: (Math.floor(y) + inset) * CELL, width: isCell ? length : 0, height: isCell ? length : 0,
      });
    }
  }

  // ---- what is said -----------------------------------------------------------------------------------------------

  get label() {
    const { panel, stage: { words, focus, prediction: { question } } } = this;
    if (this.mode === "samples") return words.cursor;
    const asked = interpolate(question?.sentence ?? "", { bin: nameOf(panel, focus) }).replace(/\[\w+:([^\]]*)\]/g, "$1");
    return `${asked} ${this.mode === "place" ? words.cursor_place : words.cursor_tap}`;
  }

  get text() {
    const { sample, mode, panel, place: [x, y], stage: { words, prediction: { places } } } = this;
    if (sample) return this.textOfSample(sample);
    if (mode === "samples") return "";
    if (mode !== "cell") return `(y, x) = (${y.toFixed(2)}, ${x.toFixed(2)})`;
    const row = Math.floor(y), column = Math.floor(x), value = panel.labels[row * (panel.still?.columns ?? 1) + column];
    const isMarked = places.some((tapped) => areEqual(tapped.map(Math.floor), [column, row]));
    return interpolate(isMarked ? words.cursor_marked : words.cursor_cell, { row, column, value });
  }

  /** As the card says it: the value from the step on that shows it. @param {Sample} sample */
  textOfSample({ row, column, place, count, x, y, value }) {
    const { panel, mode, stage } = this, { words } = stage;
    const where = interpolate(words.detail, { bin: nameOf(panel, { row, column }), k: place + 1, count });
    const at = `${where}, (y, x) = (${y.toFixed(3)}, ${x.toFixed(3)})`;
    return mode === "samples" && stage.hasReached("neighbors") ? `${at}, ${interpolate(words.cursor_value, { value })}` : at;
  }

  // ---- what it does -----------------------------------------------------------------------------------------------

  enter() {
    this.draw();
    if (this.mode === "samples") this.lookAt(this.sample ?? this.panel.marks?.samples.at(0) ?? null);
  }

  /** To a × as if the pointer were on it. @param {Sample | null} sample */
  lookAt(sample) {
    if (sample) this.stage.look({ row: sample.row, column: sample.column, sample: sample.place });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const arrow = ARROW_KEYS[event.key], isTap = event.key === "Enter" || event.key === " ";
    if ((!arrow && !isTap) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (arrow) this.move(arrow, event.altKey ? FINE_STEP : STEP);
    else if (!event.repeat) this.tap();
  }

  /** @param {Place} arrow @param {number} by  cells, where it goes from place to place */
  move([dx, dy], by) {
    const { mode, panel: { marks, samplesInBin }, place: [x, y], sample } = this;
    if (!marks) return;
    if (mode === "cell") this.place = this.inside(x + dx, y + dy);
    else if (mode === "place") this.place = this.inside(x + dx * by, y + dy * by);
    else {
      const next = nextSample(marks.samples, sample ?? { x, y }, [dx, dy], mode === "ofBin" ? samplesInBin : undefined);
      if (mode === "samples") return this.lookAt(next);
      if (next) this.place = [next.x, next.y];
    }
    this.draw();
  }

  tap() {
    const { sample, stage, panel } = this;
    if (stage.prediction.isOpen) stage.prediction.tap(panel, sample ? [sample.x, sample.y] : this.place);
    else if (sample) stage.pin({ row: sample.row, column: sample.column, sample: sample.place });
    this.draw();
  }
}

/**
 * The next × in the direction of an arrow: rather one straight ahead than a nearer one aside; null where there is none.
 *
 * @param {Samples} samples @param {{ x: number, y: number }} from @param {Place} arrow
 * @param {{ start: number, end: number }} [which]  all, or those
 * @returns {Sample | null}
 */
export function nextSample(samples, from, [dx, dy], { start, end } = { start: 0, end: samples.count }) {
  let best = -1, least = Infinity;
  for (let k = start; k < end; k++) {
    const x = samples.x(k) - from.x, y = samples.y(k) - from.y, along = x * dx + y * dy;
    const far = along + ASIDE * Math.abs(x * dy - y * dx);
    if (along > 0 && far < least) [best, least] = [k, far];
  }
  return best < 0 ? null : samples.at(best);
}
