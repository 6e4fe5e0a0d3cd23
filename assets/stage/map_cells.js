/** The map itself: its cells with their colours and numbers, a picture where they are very many, or a photo. */

import { addSvg, setAttributes } from "./dom.js";
import { CELL } from "./geometry.js";

/** @typedef {import("./wire.js").PanelStill} PanelStill */

const LOW = "roi-low"; // the number stands at the foot of its cell

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
  }

  /**
   * @param {PanelStill} still @param {import("./colors.js").Palette} palette @param {number} fontSize
   */
  draw(still, palette, fontSize) {
    const { rows, columns, image, picture } = still;
    this.columns = columns;
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
      const text = addSvg(this.numbers, "text", {
        x: column * CELL + 7, y: row * CELL + 6, "aria-hidden": "true", "dominant-baseline": "text-before-edge",
        "font-size": fontSize * Math.min(1, 5 / label.length),
      }, label);
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

  /** In the closer look each number goes to the outer corner of its cell: the areas are in the middle.
   * @param {number} left @param {number} top  of what is visible */
  spreadNumbers(left, top) {
    const firstColumn = Math.round(left), firstRow = Math.round(top);
    this.texts.forEach((text, k) => {
      const row = Math.floor(k / this.columns), column = k % this.columns;
      const isRight = column > firstColumn, isLow = row > firstRow;
      setAttributes(text, {
        x: column * CELL + (isRight ? 93 : 7), y: row * CELL + (isLow ? 94 : 6),
        "text-anchor": isRight ? "end" : "start",
        "dominant-baseline": isLow ? "text-after-edge" : "text-before-edge",
      });
    });
  }

  /** Move the numbers of these cells out of the way of what lies on their corners. @param {number[][]} cells  row, column */
  dodge(cells) {
    if (!this.texts.length || this.isLoupe) return;
    const now = new Set(cells.map(([row, column]) => row * this.columns + column));
    for (const k of this.dodged) if (!now.has(k)) this.texts[k].classList.remove(LOW);
    for (const k of now) if (!this.dodged.has(k)) this.texts[k].classList.add(LOW);
    this.dodged = now;
  }
}
