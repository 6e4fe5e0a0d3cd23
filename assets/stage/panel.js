/** One map with everything laid on it. What it shows of the focus is drawn from data that is here: no round trip. */

import { MapCells } from "./map_cells.js";
import { Crosses, frameIn } from "./crosses.js";
import { addHtml, addSvg, NodePool, poolOf, setAttributes } from "./dom.js";
import { areEqual, CELL } from "./geometry.js";
import { Guess } from "./guess.js";
import { BoxHandles, isRecorded, PointHandle } from "./handles.js";
import { MarkPainter, Outline, rectangle } from "./marks.js";
import { MapCursor } from "./map_cursor.js";
import { listenToPanel } from "./panel_input.js";
import { isBoxFixed } from "./quiz.js";
import { readLines, unpackMarks } from "./unpack.js";
import { CORNER_INKS } from "./weights.js";
import { WordPainter } from "./words.js";

/** @typedef {import("./unpack.js").Marks} Marks */
/** @typedef {import("./unpack.js").Sample} Sample */
/** @typedef {import("./wire.js").Emphases} Emphases */
/** @typedef {import("./wire.js").PanelMoving} PanelMoving */
/** @typedef {import("./wire.js").PanelStill} PanelStill */

const ROLES = [
  ...["map", "pixels", "gradient", "bin", "focus", "area", "part", "split", "reach", "square", "mask_pool", "mask_align", "truth", "read", "snapped", "roi"],
  ...["cloud", "neighbor", "landed", "sample", "number", "name", "corner", "value", "error", "slope", "lerp_x", "lerp_y", "in_pixels", "in_cells", "tap", "grip"],
]; // from the lowest layer to the highest
const MASKS = /** @type {const} */ (["mask_pool", "mask_align"]);
const TAP = 11; // pixels: the radius of the ring round a place that was tapped
const NO_SIZE = /** @type {import("./wire.js").Size} */ ([0, 0]); // of ×, where there are none
const SHOWN_WITH = /** @type {Record<string, string>} */ ({ number: "map", grip: "roi", landed: "gradient" });

export class Panel {
  /** @param {import("./stage.js").Stage} stage @param {HTMLElement} host @param {number} place  among the panels
   * @param {boolean} isLoupe  a closer look at the same scene: its point is dragged too, but it has no names of its own */
  constructor(stage, host, place, isLoupe) {
    this.stage = stage;
    this.isLoupe = isLoupe;
    this.root = addHtml(host, "section", isLoupe ? { class: "roi-panel roi-loupe", "aria-hidden": "true" }
                                                 : { class: "roi-panel", "data-testid": "roi-stage" });
    const title = addHtml(this.root, "h3", { class: "roi-caption" });
    this.caption = document.createTextNode("");
    title.append(this.caption);
    this.readout = addHtml(title, "span", { class: "roi-readout", "aria-hidden": "true" });
    this.svg = addSvg(this.root, "svg", { class: "roi-map", role: "group" });
    this.layers = Object.fromEntries(ROLES.map((role) =>
      [role, addSvg(this.svg, "g", { class: `roi-layer roi-${role}`, "data-role": role })]));
    if (isLoupe) this.layers.value.before(this.layers.sample); // over the numbers, which stay in their corners here
    this.words = new WordPainter(this.layers);
    this.cells = new MapCells(this.layers.map, this.layers.number, isLoupe);
    this.painter = new MarkPainter(this.layers);
    this.outlines = Object.fromEntries([...MASKS, "truth"].map((role) => [role, new Outline(this.layers[role])]));
    this.crosses = new Crosses(this.layers.sample, isLoupe);
    this.bin = poolOf(this.layers.focus, "rect");
    /** @type {import("./room_answers.js").Cloud | null} what a room answered */
    this.cloud = null;
    this.taps = { cell: poolOf(this.layers.tap, "rect", { rx: 4 }), place: poolOf(this.layers.tap, "circle") };
    this.neighbors = new NodePool(this.layers.neighbor, (group) => {
      const root = addSvg(group, "g"), halo = stage.kind === "point" ? addSvg(root, "rect", { rx: 4, class: "roi-frame-halo" }) : null;
      return { root, halo, frame: addSvg(root, "rect", { rx: 4 }), line: addSvg(root, "line"), disc: addSvg(root, "circle") };
    });
    const { kind, words } = stage, isFixed = isBoxFixed(stage), isAlone = isRecorded(stage);
    this.pointHandle = kind === "point" ? new PointHandle(this.layers, isLoupe || isAlone ? null : words) : null;
    this.boxHandles = !isLoupe && kind !== "point" ? new BoxHandles(this.layers, words, isFixed || isAlone) : null;
    /** @type {PanelStill | null} */
    this.still = null;
    /** @type {PanelMoving | null} */
    this.moving = null;
    /** @type {Marks | null} */
    this.marks = null;
    /** @type {import("./wire.js").Box} */
    this.extent = [0, 0, 0, 0];
    this.unit = 0; // drawing units a pixel of the design; 0 until the panel has a size
    /** @type {string[]} */
    this.labels = [];
    /** @type {string[]} */
    this.levels = [];
    /** @type {Sample | null} the sample point that is looked at */
    this.chosen = null;
    this.samplesInBin = { start: 0, end: 0 };
    this.isHeld = false; // while its point is dragged in a closer look, what that shows stays
    if (!isFixed) listenToPanel(this, stage);
    this.guess = place === 0 && (kind === "lesson" || kind === "pair") ? new Guess(this.layers.grip, this, stage) : null;
    this.cursor = kind === "lesson" || kind === "pair" ? new MapCursor(this.layers.grip, this, stage) : null;
    new ResizeObserver(() => this.resize()).observe(this.svg);
  }

  // ---- what stays -------------------------------------------------------------------------------------------------

  /** @param {PanelStill} still */
  setStill(still) {
    this.still = still;
    this.moving = this.marks = null; // what lay on the map before does not lie on this one
    this.setExtent(still.extent);
    setAttributes(this.svg, { "aria-label": still.label });
    this.caption.data = still.caption;
    this.labels = still.labels.split(" ");
    this.levels = still.levels.split(" ");
    this.cells.draw(still, this.stage.palette, this.placement);
    this.outlines.truth.draw(still.truth);
    this.resize();
  }

  /** @param {import("./wire.js").Box} extent */
  setExtent(extent) {
    if (areEqual(extent, this.extent)) return;
    this.extent = extent;
    const [x1, y1, x2, y2] = extent.map((side) => side * CELL);
    setAttributes(this.svg, { viewBox: `${x1} ${y1} ${x2 - x1} ${y2 - y1}` });
    this.svg.style.setProperty("--ratio", String((x2 - x1) / (y2 - y1)));
  }

  resize() {
    const width = this.svg.clientWidth;
    if (!width) return;
    this.measure(width);
    this.draw();
    this.drawHandles();
  }

  /** @param {number} width */
  measure(width) {
    const larger = parseFloat(getComputedStyle(this.root).getPropertyValue("--k")) || 1; // on a large screen
    this.unit = (((this.extent[2] - this.extent[0]) * CELL) / width) * larger;
  }

  /** The lines between the pixels of the image, in the place of the map. */
  get imagePath() {
    return readLines(this.still?.image_lines).map((ends) => ends.map((end) => end * CELL))
      .map(([x1, y1, x2, y2]) => `M${x1} ${y1}L${x2} ${y2}`).join("");
  }

  /** The rules of placement, which come with the words of the page. */
  get placement() {
    const { still } = this.stage;
    if (!still) throw new Error("a panel is drawn after the words of its page came");
    return still.placement;
  }

  // ---- what moves -------------------------------------------------------------------------------------------------

  /** @param {PanelMoving} moving */
  setMoving(moving) {
    this.moving = moving;
    if (!this.isHeld) this.followPart();
    this.marks = unpackMarks(moving);
    if (this.isLoupe) this.drawCaption(moving);
    this.draw();
  }

  /** The part of the map that a closer look shows now. */
  followPart() {
    const { extent: [x1, , x2], moving } = this;
    if (!moving?.extent) return;
    this.setExtent(moving.extent);
    if (this.unit) this.unit *= (moving.extent[2] - moving.extent[0]) / (x2 - x1);
    else this.measure(this.svg.clientWidth || 1);
  }

  /** @param {PanelMoving} moving */
  drawCaption({ nothing_read }) {
    const caption = nothing_read ?? this.still?.caption ?? "";
    if (this.caption.data !== caption) this.caption.data = caption;
    this.root.classList.toggle("roi-unread", nothing_read !== undefined);
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    this.isHeld = isHeld;
    if (isHeld) return;
    this.followPart();
    this.draw();
    this.drawHandles();
  }

  draw() {
    const { marks, moving, unit, extent, placement } = this;
    if (!marks || !moving || !unit) return;
    const view = { unit, extent, placement, outputColumns: moving.output_columns ?? 1 };
    this.painter.draw(marks, view);
    for (const role of MASKS) this.outlines[role].draw(moving[role]);
    this.words.draw(marks.words, view);
    this.crosses.draw(marks.samples, { size: moving.cross ?? NO_SIZE, areMany: Boolean(moving.many), unit }, placement);
    this.drawFocus();
    if (!this.isHeld) this.cells.move(marks.corners);
  }

  /** The bin, the sample point and the neighbours that are looked at. */
  drawFocus() {
    const { marks, moving } = this;
    if (!marks || !moving) return;
    const { row, column, sample } = this.stage.focus, { samples } = marks;
    const box = this.stage.kind === "point" ? null : marks.rectangles.bin[row * (moving.output_columns ?? 1) + column];
    if (box) this.bin.draw([box], ({ root }) => setAttributes(root, rectangle(box))); // else it stays where it was
    this.samplesInBin = samples.ofBin(row, column);
    const { start, end } = this.samplesInBin;
    this.chosen = end > start ? samples.at(Math.min(start + sample, end - 1)) : null;
    this.crosses.look(samples, this.samplesInBin, this.chosen);
    this.drawNeighbors(this.chosen);
    this.guess?.draw();
    this.cursor?.draw();
  }

  /** What was tapped or dragged as a prediction. */
  drawTaps() {
    const { prediction, panels } = this.stage, mark = prediction.asked?.mark;
    const places = panels.indexOf(this) <= 0 || !prediction.about ? prediction.places : [];
    this.taps.cell.draw(mark === "cell" ? places : [], ({ root }, [x, y]) =>
      setAttributes(root, frameIn(Math.floor(y), Math.floor(x), 2 * this.placement.inset)));
    this.taps.place.draw(mark === "place" ? places : [], ({ root }, [x, y]) =>
      setAttributes(root, { cx: x * CELL, cy: y * CELL, r: TAP * this.unit }));
    this.guess?.draw();
    this.cursor?.draw();
  }

  /** @param {Sample | null} chosen */
  drawNeighbors(chosen) {
    const weights = chosen?.weights ?? [];
    const read = weights.map((weight, n) => ({ n, weight })).filter(({ weight }) => weight > 0);
    const { kind, prediction } = this.stage, areDots = kind === "point" && prediction.emphasisOf(0).neighbor === "dim";
    this.neighbors.draw(read, (node, { n, weight }) => {
      if (!chosen) return;
      const [row, column] = chosen.cells[n], x = (column + 0.5) * CELL, y = (row + 0.5) * CELL;
      const place = frameIn(row, column, this.placement.inset);
      setAttributes(node.root, { class: `roi-${CORNER_INKS[n]}` });
      if (node.halo) setAttributes(node.halo, place);
      setAttributes(node.frame, place);
      setAttributes(node.line, { x1: x, y1: y, x2: chosen.x * CELL, y2: chosen.y * CELL });
      setAttributes(node.disc, { cx: x, cy: y, r: (areDots ? this.placement.corner_dot : this.placement.disc * Math.sqrt(weight / 1000)) * CELL });
    });
  }

  /** The box or the point as it is on the screen, which may be ahead of Python. */
  drawHandles() {
    if (!this.unit) return;
    if (this.stage.point) this.pointHandle?.draw(this.stage.point, this.unit);
    if (this.stage.box) this.boxHandles?.draw(this.stage.box, this.unit);
  }

  /** @param {Emphases} emphasis */
  setEmphasis(emphasis) {
    for (const [role, layer] of Object.entries(this.layers)) {
      let value = emphasis[SHOWN_WITH[role] ?? role] ?? "hidden";
      if (role === "sample" && this.stage.kind === "point") value = emphasis.point ?? "shown";
      if (role === "grip" || role === "tap" || role === "cloud") value = "shown";
      if (layer.dataset.emphasis !== value) layer.dataset.emphasis = value;
    }
  }

  /** Are sample points drawn, and may one be pointed at? */
  get hasSamplesToPointAt() {
    return this.marks !== null && this.marks.samples.isInterpolated && this.stage.kind !== "point"
      && this.layers.sample.dataset.emphasis !== "hidden";
  }

  /** The number of a cell at a place, where cells are too small to show theirs. @param {number} x @param {number} y */
  readingAt(x, y) {
    if (!this.still || this.still.numbered || this.still.image) return "";
    const row = Math.floor(y), column = Math.floor(x), { rows, columns } = this.still;
    const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
    return isInside ? ` (${row}, ${column}) = ${this.labels[row * columns + column]}` : "";
  }
}
