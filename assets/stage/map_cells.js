/** The map itself: its cells with their colours and numbers, one picture where they are too small for numbers, or a photo. */

import { ColorSheet } from "./color_sheet.js";
import { addSvg, NodePool, setAttributes, setText } from "./dom.js";
import { CELL } from "./geometry.js";

/** @typedef {import("./wire.js").PanelStill} PanelStill */

/** @typedef {import("./wire.js").Placement} Placement */

const FIRST = "lt"; // the corner of a number that nothing is in the way of
const MOST_LINED = 4096; // cells of a picture that lines part: of more they would be all that is seen

export class MapCells {
  /** @param {SVGGElement} cells @param {SVGGElement} numbers @param {boolean} isLoupe */
  constructor(cells, numbers, isLoupe) {
    this.cells = cells;
    this.numbers = numbers;
    this.isLoupe = isLoupe;
    this.sheet = new ColorSheet();
    /** @type {SVGTextElement[]} the number of each cell, where numbers are drawn */
    this.texts = [];
    /** The numbers of a closer look: of the cells that it shows, which others are as the box moves on. */
    this.seen = new NodePool(numbers, (group) => ({ root: addSvg(group, "text", { "aria-hidden": "true" }) }));
    /** @type {Map<number, string>} the cells whose number left the first corner, and where it is */
    this.moved = new Map();
    /** @type {string[]} */
    this.labels = [];
    /** @type {string[]} */
    this.levels = [];
    /** @type {import("./colors.js").Palette | null} */
    this.palette = null;
    this.columns = 1;
    this.aside = this.below = this.digits = 0; // from the corner of a cell to its number, and how high that is, in cells
    this.letters = 0;
  }

  /**
   * @param {PanelStill} still @param {import("./colors.js").Palette} palette @param {Placement} placement
   */
  draw(still, palette, { corner, digits }) {
    const { rows, columns, image, numbered } = still;
    this.columns = columns;
    this.palette = palette;
    [this.aside, this.below] = corner;
    this.digits = digits * still.letters;
    this.letters = still.letters;
    this.labels = still.labels.split(" ");
    this.levels = still.levels.split(" ");
    this.cells.replaceChildren();
    for (const text of this.texts) text.remove();
    this.texts = [];
    this.moved.clear();
    if (image && still.image_size) return this.drawImage(image, still.image_size);
    if (!numbered) return this.drawPicture(rows, columns, palette);
    this.labels.forEach((label, k) => {
      const row = Math.floor(k / columns), column = k % columns;
      const cell = addSvg(this.cells, "rect", { x: column * CELL, y: row * CELL, width: CELL, height: CELL });
      if (!this.isLoupe) cell.dataset.testid = `map-${row}-${column}`;
      cell.style.fill = palette.cellColor(this.levels[k]);
      addSvg(cell, "desc", {}, label);
      if (this.isLoupe) return;
      const text = addSvg(this.numbers, "text", { "aria-hidden": "true" }, label);
      this.paint(text, k, FIRST);
      this.texts.push(text);
    });
  }

  /** @param {string} href @param {[number, number]} size  in cells @param {import("./dom.js").Attributes} [more] */
  drawImage(href, [width, height], more = {}) {
    const place = { x: 0, y: 0, width: width * CELL, height: height * CELL };
    addSvg(this.cells, "image", { href, ...place, preserveAspectRatio: "none", ...more });
  }

  /** A picture, a pixel a cell: to draw an element for each would take longer than a frame.
   * @param {number} rows @param {number} columns @param {import("./colors.js").Palette} palette */
  drawPicture(rows, columns, palette) {
    this.sheet.draw(this.levels, columns, palette);
    const name = this.isLoupe ? "map-in-loupe" : "map-0-0";
    this.drawImage(this.sheet.canvas.toDataURL(), [columns, rows], { "data-testid": name, style: "image-rendering: pixelated" });
    if (rows * columns > MOST_LINED) return;
    const across = Array.from({ length: rows + 1 }, (_, row) => `M0 ${row * CELL}h${columns * CELL}`);
    const down = Array.from({ length: columns + 1 }, (_, column) => `M${column * CELL} 0v${rows * CELL}`);
    addSvg(this.cells, "path", { d: [...across, ...down].join("") });
  }

  /** Put the numbers of these cells in their corners, away from what lies on the others; of a closer look no others are
   * seen. @param {{ row: number, column: number, corner: string }[]} corners */
  move(corners) {
    if (this.isLoupe) {
      return this.seen.draw(corners, ({ root }, { row, column, corner }) => {
        const k = row * this.columns + column;
        setText(root, this.labels[k]);
        this.paint(root, k, corner);
      });
    }
    if (!this.texts.length) return;
    const now = new Map(corners.map(({ row, column, corner }) => [row * this.columns + column, corner]));
    for (const k of new Set([...this.moved.keys(), ...now.keys()])) {
      const corner = now.get(k) ?? FIRST;
      if (corner !== (this.moved.get(k) ?? FIRST)) this.place(this.texts[k], k, corner);
    }
    this.moved = now;
  }

  /** @param {SVGTextElement} text @param {number} k  its cell @param {string} corner */
  paint(text, k, corner) {
    this.place(text, k, corner);
    setAttributes(text, { "font-size": this.letters * CELL });
    if (!this.palette) return;
    text.style.fill = this.palette.numberColor(this.levels[k]);
    text.style.stroke = this.palette.cellColor(this.levels[k]);
  }

  /** @param {SVGTextElement} text @param {number} k  its cell @param {string} corner */
  place(text, k, corner) {
    const [across, down] = corner, isLeft = across === "l", row = Math.floor(k / this.columns), column = k % this.columns;
    setAttributes(text, {
      x: (isLeft ? column + this.aside : column + 1 - this.aside) * CELL,
      y: (down === "t" ? row + this.below + this.digits : row + 1 - this.below) * CELL, // the line that digits stand on
      "text-anchor": isLeft ? "start" : "end",
    });
  }
}
