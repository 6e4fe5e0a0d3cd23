/** The map itself: its cells with their colours and numbers, a picture where they are very many, or a photo. */

import { addSvg, setAttributes } from "./dom.js";
import { CELL } from "./geometry.js";

/** @typedef {import("./placement.js").Spot} Spot */

/** @typedef {import("./wire.js").PanelStill} PanelStill */

/** The part of a text that is at its spot, as SVG says it. @type {Record<string, string>} */
const ANCHORS = { l: "start", c: "middle", r: "end" };
/** @type {Record<string, string>} */
const BASELINES = { t: "text-before-edge", c: "central", b: "text-after-edge" };

export class MapCells {
  /** @param {SVGGElement} cells @param {SVGGElement} numbers @param {{ isLoupe: boolean, id: string }} place */
  constructor(cells, numbers, { isLoupe, id }) {
    this.cells = cells;
    this.numbers = numbers;
    this.isLoupe = isLoupe;
    this.id = id;
    /** @type {SVGTextElement[]} the number of each cell, where numbers are drawn */
    this.texts = [];
    /** @type {Set<number>} the cells whose number left its corner */
    this.dodged = new Set();
    this.columns = 1;
    /** @type {[number, number]} from the corner of a cell to its number, in cells */
    this.corner = [0, 0];
  }

  /**
   * @param {PanelStill} still @param {import("./colors.js").Palette} palette @param {[number, number]} corner
   */
  draw(still, palette, corner) {
    const { rows, columns, image, picture } = still;
    this.columns = columns;
    this.corner = corner;
    this.cells.replaceChildren();
    this.numbers.replaceChildren();
    this.texts = [];
    this.dodged.clear();
    if (image && still.image_size) return this.drawImage(image, still.image_size);
    if (picture) return this.drawPicture(picture, rows, columns, palette);
    const labels = still.labels.split(" "), levels = still.levels.split(" ");
    labels.forEach((label, k) => {
      const row = Math.floor(k / columns), column = k % columns;
      const cell = addSvg(this.cells, "rect", { x: column * CELL, y: row * CELL, width: CELL, height: CELL });
      if (!this.isLoupe) cell.dataset.testid = `map-${row}-${column}`;
      cell.style.fill = palette.cellColor(levels[k]);
      addSvg(cell, "desc", {}, label);
      if (!still.numbered && !this.isLoupe) return;
      const text = addSvg(this.numbers, "text", { "aria-hidden": "true", "font-size": still.letters * CELL }, label);
      place(text, this.inCorner(row, column, false));
      text.style.fill = palette.numberColor(levels[k]);
      text.style.stroke = palette.cellColor(levels[k]);
      this.texts.push(text);
    });
  }

  /** @param {string} href @param {[number, number]} size */
  drawImage(href, [width, height]) {
    const place = { x: 0, y: 0, width: width * CELL, height: height * CELL };
    addSvg(this.cells, "image", { href, ...place, preserveAspectRatio: "none" });
  }

  /** A map of very many cells: its levels are the opacity of one picture, its colours are the theme's.
   * @param {string} href @param {number} rows @param {number} columns @param {import("./colors.js").Palette} palette */
  drawPicture(href, rows, columns, palette) {
    const whole = { x: 0, y: 0, width: columns * CELL, height: rows * CELL };
    const mask = addSvg(this.cells, "mask", { id: this.id, style: "mask-type: alpha" });
    addSvg(mask, "image", { ...whole, href, preserveAspectRatio: "none", style: "image-rendering: pixelated" });
    addSvg(this.cells, "rect", { ...whole, "data-testid": "map-0-0" }).style.fill = palette.cellColor("0");
    addSvg(this.cells, "rect", { ...whole, mask: `url(#${this.id})` }).style.fill = palette.cellColor("100");
  }

  /** At the left of its cell, at the head or at the foot. @param {number} row @param {number} column
   * @param {boolean} isLow @returns {Spot} */
  inCorner(row, column, isLow) {
    const [x, y] = this.corner;
    return isLow ? { x: column + x, y: row + 1 - y, part: "lb" } : { x: column + x, y: row + y, part: "lt" };
  }

  /** The numbers of a closer look, where Python says; no others. @param {{ row: number, column: number, spot: Spot }[]} numbers */
  spread(numbers) {
    const now = new Map(numbers.map(({ row, column, spot }) => [row * this.columns + column, spot]));
    this.texts.forEach((text, k) => {
      const spot = now.get(k);
      text.style.display = spot ? "" : "none";
      if (spot) place(text, spot);
    });
  }

  /** Move the numbers of these cells out of the way of what lies on their corners. @param {number[][]} cells  row, column */
  dodge(cells) {
    if (!this.texts.length) return;
    const now = new Set(cells.map(([row, column]) => row * this.columns + column));
    for (const k of new Set([...this.dodged, ...now])) {
      if (this.dodged.has(k) === now.has(k)) continue;
      place(this.texts[k], this.inCorner(Math.floor(k / this.columns), k % this.columns, now.has(k)));
    }
    this.dodged = now;
  }
}

/** @param {SVGTextElement} text @param {Spot} spot */
function place(text, { x, y, part }) {
  setAttributes(text, {
    x: x * CELL, y: y * CELL, "text-anchor": ANCHORS[part[0]], "dominant-baseline": BASELINES[part[1]],
  });
}
