/** The map itself: its cells with their colours and numbers, a picture where they are very many, or a photo. */

import { addSvg, setAttributes } from "./dom.js";
import { CELL } from "./geometry.js";

/** @typedef {import("./wire.js").PanelStill} PanelStill */

/** @typedef {import("./wire.js").Placement} Placement */

const FIRST = "lt"; // the corner of a number that nothing is in the way of

export class MapCells {
  /** @param {SVGGElement} cells @param {SVGGElement} numbers @param {{ isLoupe: boolean, id: string }} place */
  constructor(cells, numbers, { isLoupe, id }) {
    this.cells = cells;
    this.numbers = numbers;
    this.isLoupe = isLoupe;
    this.id = id;
    /** @type {SVGTextElement[]} the number of each cell, where numbers are drawn */
    this.texts = [];
    /** @type {Map<number, string>} the cells whose number left the first corner, and where it is */
    this.moved = new Map();
    this.columns = 1;
    this.aside = this.below = this.digits = 0; // from the corner of a cell to its number, and how high that is, in cells
  }

  /**
   * @param {PanelStill} still @param {import("./colors.js").Palette} palette @param {Placement} placement
   */
  draw(still, palette, { corner, digits }) {
    const { rows, columns, image, picture } = still;
    this.columns = columns;
    [this.aside, this.below] = corner;
    this.digits = digits * still.letters;
    this.cells.replaceChildren();
    this.numbers.replaceChildren();
    this.texts = [];
    this.moved.clear();
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
      this.place(text, row, column, FIRST);
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

  /** Put the numbers of these cells in their corners, away from what lies on the others; of a closer look no others are
   * seen. @param {{ row: number, column: number, corner: string }[]} corners */
  move(corners) {
    if (!this.texts.length) return;
    const now = new Map(corners.map(({ row, column, corner }) => [row * this.columns + column, corner]));
    for (const k of this.isLoupe ? this.texts.keys() : new Set([...this.moved.keys(), ...now.keys()])) {
      const corner = now.get(k) ?? FIRST;
      if (this.isLoupe) this.texts[k].style.display = now.has(k) ? "" : "none";
      if (corner !== (this.moved.get(k) ?? FIRST)) this.place(this.texts[k], Math.floor(k / this.columns), k % this.columns, corner);
    }
    this.moved = now;
  }

  /** @param {SVGTextElement} text @param {number} row @param {number} column @param {string} corner */
  place(text, row, column, corner) {
    const [across, down] = corner, isLeft = across === "l";
    setAttributes(text, {
      x: (isLeft ? column + this.aside : column + 1 - this.aside) * CELL,
      y: (down === "t" ? row + this.below + this.digits : row + 1 - this.below) * CELL, // the line that digits stand on
      "text-anchor": isLeft ? "start" : "end",
    });
  }
}
