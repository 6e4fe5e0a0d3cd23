/** An answer that is dragged on the map: the four edges of a region, or the weight of a neighbour as a disc. It is Python that says what it is worth. */

import { addSvg, interpolate, setAttributes, setText } from "./dom.js";
import { frameIn } from "./crosses.js";
import { ARROW_KEYS, CELL, clamp, SIDES } from "./geometry.js";
import { rectangle } from "./marks.js";

/** @typedef {import("./panel.js").Panel} Panel */
/** @typedef {[x: number, y: number]} Place  in map cells */

const FINGER = matchMedia("(pointer: coarse)").matches;
const GRIP = FINGER ? 44 : 24; // pixels of an edge, or across a disc, that can be taken hold of
const FIRST = 0.5; // the weight that a disc begins with
const WHOLE = 2; // cells that the pointer moves from no weight to all of it
const LETTERS = 0.44; // cells: the size of the number, above the cell
const STEP = 0.05, FINE_STEP = 0.01; // of a weight, by an arrow key

/** Is a handle one of an answer? @param {string | null | undefined} handle */
export const isGuess = (handle) => handle?.startsWith("guess-") ?? false;

export class Guess {
  /** @param {SVGGElement} layer @param {Panel} panel @param {import("./stage.js").Stage} stage */
  constructor(layer, panel, stage) {
    this.panel = panel;
    this.stage = stage;
    this.root = addSvg(layer, "g", { class: "roi-guess", "data-testid": "guess" });
    this.region = addSvg(this.root, "rect", { class: "roi-guess-region" });
    this.edges = SIDES.map((side) => this.makeHandle(side, "line"));
    this.cell = addSvg(this.root, "rect", { class: "roi-guess-cell", rx: 6 });
    this.disc = addSvg(this.root, "circle", { class: "roi-guess-disc" });
    this.number = addSvg(this.root, "text", { class: "roi-guess-number", "data-testid": "guess-number" });
    this.knob = this.makeHandle("weight", "circle");
    this.weightBefore = FIRST; // when the disc was taken hold of
    this.draw();
  }

  /** @param {string} name @param {"line" | "circle"} shape */
  makeHandle(name, shape) {
    const root = addSvg(this.root, "g", {
      class: `roi-guess-grip roi-guess-${name}`, tabindex: 0, role: "slider", "data-grip": `guess-${name}`, "data-testid": `guess-${name}`,
    });
    return { root, hit: addSvg(root, shape, { class: "roi-guess-hit" }), knob: addSvg(root, "rect", { class: "roi-knob", rx: 2 }) };
  }

  get question() {
    const { prediction, panels } = this.stage;
    return panels[0] === this.panel && (prediction.isOpen || prediction.verdict) ? prediction.asked : undefined;
  }

  get mayDrag() {
    return this.stage.prediction.isOpen && this.stage.prediction.takesGuess;
  }

  /** The neighbour that is asked about: the heaviest. */
  get neighbor() {
    const { chosen } = this.panel, weights = [...(chosen?.weights ?? [])], n = weights.indexOf(Math.max(...weights));
    return chosen && n >= 0 ? { n, cell: chosen.cells[n] } : null;
  }

  /** What was dragged; before that, what it begins with. @returns {import("./wire.js").Box} */
  get sides() {
    const { prediction: { places }, box } = this.stage;
    return places.length === 2 ? [...places[0], ...places[1]] : box ?? [0, 0, 0, 0];
  }

  get weight() {
    return this.stage.prediction.places[0]?.[1] ?? FIRST;
  }

  draw() {
    const { question, stage, mayDrag, root } = this, mark = question?.mark, isAnswered = stage.prediction.places.length > 0;
    const isRegion = mark === "region" && (mayDrag || isAnswered), isWeight = mark === "weight" && this.neighbor !== null;
    root.style.display = isRegion || isWeight ? "" : "none";
    if (stage.panels[0] === this.panel) stage.root.classList.toggle("roi-guessing", mayDrag && (isRegion || isWeight));
    if (!isRegion && !isWeight) return;
    for (const { root } of [...this.edges, this.knob]) root.style.display = "none";
    for (const node of [this.cell, this.disc, this.number]) node.style.display = isWeight ? "" : "none";
    this.region.style.display = isRegion ? "" : "none";
    if (isRegion) this.drawRegion(question?.words ?? {});
    else this.drawWeight(question?.words ?? {}, isAnswered || mayDrag);
  }

  /** @param {Record<string, string>} words */
  drawRegion(words) {
    const { sides, mayDrag, panel: { unit } } = this, [x1, y1, x2, y2] = sides.map((side) => side * CELL);
    setAttributes(this.region, rectangle(sides));
    this.edges.forEach(({ root, hit, knob }, k) => {
      const isUpright = k % 2 === 0, at = [x1, y1, x2, y2][k], x = isUpright ? at : (x1 + x2) / 2, y = isUpright ? (y1 + y2) / 2 : at;
      root.style.display = mayDrag ? "" : "none";
      setAttributes(hit, isUpright ? { x1: at, x2: at, y1, y2, "stroke-width": GRIP * unit } : { x1, x2, y1: at, y2: at, "stroke-width": GRIP * unit });
      const [across, down] = (isUpright ? [7, 26] : [26, 7]).map((pixels) => pixels * unit);
      setAttributes(knob, { x: x - across / 2, y: y - down / 2, width: across, height: down });
      const value = String(Number(sides[k].toFixed(2)));
      setAttributes(root, { "aria-label": words[SIDES[k]] ?? "", "aria-valuenow": value, "aria-valuetext": interpolate(words.at ?? "", { at: value }) });
    });
  }

  /** @param {Record<string, string>} words @param {boolean} hasDisc */
  drawWeight(words, hasDisc) {
    const { neighbor, weight, mayDrag, knob: { root, hit }, panel: { placement, unit } } = this;
    if (!neighbor) return;
    const [row, column] = neighbor.cell, cx = (column + 0.5) * CELL, cy = (row + 0.5) * CELL, r = placement.disc * Math.sqrt(weight) * CELL;
    setAttributes(this.cell, frameIn(row, column, placement.inset));
    setAttributes(this.disc, { cx, cy, r: hasDisc ? r : 0 });
    setAttributes(this.number, { x: cx, y: (row > 0 ? row - 0.1 : row + 1.42) * CELL, "font-size": LETTERS * CELL });
    setText(this.number, hasDisc ? weight.toFixed(2) : "?");
    root.style.display = mayDrag ? "" : "none";
    setAttributes(hit, { cx, cy, r: Math.max((GRIP / 2) * unit, r) });
    setAttributes(root, {
      "aria-label": interpolate(words.disc ?? "", { row, column }), "aria-valuemin": 0, "aria-valuemax": 1, "aria-valuenow": weight.toFixed(2), "aria-valuetext": weight.toFixed(2),
    });
  }

  // ---- what it does -----------------------------------------------------------------------------------------------

  /** The pointer takes hold of it. */
  take() {
    this.weightBefore = this.weight;
  }

  /** @param {string} handle @param {Place} place @param {Place} from  where the pointer was */
  pull(handle, place, from) {
    if (handle === "guess-weight") return this.setWeight(this.weightBefore + (place[0] - from[0]) / WHOLE);
    const k = SIDES.indexOf(handle.slice("guess-".length));
    this.setSide(k, Math.round(place[k % 2]));
  }

  /** Arrow keys move an edge from line to line, and a weight by five hundredths. @param {string} handle @param {KeyboardEvent} event */
  press(handle, { key, altKey }) {
    const arrow = ARROW_KEYS[key];
    if (key === "Enter" || key === " ") return this.letGo();
    if (!arrow) return;
    if (handle === "guess-weight") return this.setWeight(this.weight + (arrow[0] - arrow[1]) * (altKey ? FINE_STEP : STEP));
    const k = SIDES.indexOf(handle.slice("guess-".length)), by = arrow[k % 2], at = this.sides[k];
    if (by) this.setSide(k, by > 0 ? Math.floor(at) + 1 : Math.ceil(at) - 1);
  }

  /** @param {number} k  which of the four @param {number} at  a line of the grid */
  setSide(k, at) {
    const sides = [...this.sides], { extent } = this.panel, opposite = sides[(k + 2) % 4];
    const low = Math.ceil(extent[k % 2]), high = Math.floor(extent[(k % 2) + 2]);
    sides[k] = k < 2 ? clamp(at, low, Math.ceil(opposite) - 1) : clamp(at, Math.floor(opposite) + 1, high);
    this.set([[sides[0], sides[1]], [sides[2], sides[3]]]);
  }

  /** @param {number} weight */
  setWeight(weight) {
    if (this.neighbor) this.set([[this.neighbor.n, Math.round(clamp(weight, 0, 1) * 100) / 100]]);
  }

  /** @param {Place[]} places */
  set(places) {
    this.stage.prediction.places = places;
    this.stage.view?.drawTaps();
  }

  /** What stands now is the answer. */
  letGo() {
    const { sides, stage: { prediction } } = this;
    if (prediction.asked?.mark === "weight") this.setWeight(this.weight);
    else this.set([[sides[0], sides[1]], [sides[2], sides[3]]]);
    prediction.send();
  }
}
