/** Wy · map · Wxᵀ = output, as the grids they are; what is 0 in every row is left out of large maps. */

import { addHtml, interpolate, setMarkedText, setText } from "./dom.js";
import { readMatrix, readWords } from "./unpack.js";

/** @typedef {HTMLElement & { product?: Product }} MatrixPlace  where a page wants them */
/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {{ text: string, className: string, background: string, color: string }} Look  of one cell */
/** @typedef {{ span: HTMLSpanElement, look: Look | null }} Cell */
/** @typedef {{ caption: HTMLElement, grid: HTMLElement, cells: Cell[], columns: number }} Grid */

const MOST_WHOLE = 16; // cells of a map along a side whose matrices are drawn with every 0
const MOST_CELLS = 24; // cells along a side that a map between its matrices is drawn with
const LATER = 150; // ms after the last answer until matrices that are off the screen are drawn: a drag does not wait for them

export class Product {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.root = addHtml(host, "div", { class: "roi roi-product" });
    this.none = addHtml(this.root, "p");
    const [wy, map, wx, output] = ["", "·", "·", "="].map((sign, k) => this.makeGrid(sign, k));
    this.grids = { wy, map, wx, output };
    /** @type {Stage | null} */
    this.stage = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.isOnScreen = true; // until the browser says
    new IntersectionObserver((entries) => {
      this.isOnScreen = entries.some((entry) => entry.isIntersecting);
      if (this.isOnScreen && this.stage) this.draw(this.stage);
    }).observe(this.root);
  }

  /** Draw what a stage has now: at once where it is seen, else when the drag rests. @param {Stage} stage */
  follow(stage) {
    this.stage = stage;
    clearTimeout(this.timer);
    if (this.isOnScreen) this.draw(stage);
    else this.timer = setTimeout(() => this.draw(stage), LATER);
  }

  /** @param {string} sign  before it @param {number} k @returns {Grid} */
  makeGrid(sign, k) {
    if (sign) addHtml(this.root, "span", { class: "roi-sign", "aria-hidden": "true" }, sign);
    const figure = addHtml(this.root, "figure", { class: "roi-matrix" });
    const caption = addHtml(figure, "figcaption");
    const grid = addHtml(figure, "div", { class: "roi-grid", "data-testid": `matrix-${k}` });
    return { caption, grid, cells: [], columns: 0 };
  }

  /** @param {Stage} stage */
  draw(stage) {
    const { words, focus, palette, panels: [panel], update } = stage, isKnown = stage.prediction.isOutputKnown(0);
    const factors = update?.factors, { still, moving } = panel;
    this.root.classList.toggle("roi-no-product", !factors);
    setMarkedText(this.none, factors ? "" : words.no_matrices);
    if (!factors || !still || !moving) return;
    const down = readMatrix(factors.wy, still.rows, MOST_WHOLE), across = readMatrix(factors.wx, still.columns, MOST_WHOLE);
    const output = readWords(moving.output), levels = readWords(moving.output_levels);
    const high = down.last - down.first + 1, wide = across.last - across.first + 1, bins = across.rows.length;
    const isMapDrawn = panel.labels.length > 1 && Math.max(high, wide) <= MOST_CELLS;
    const total = String(Math.max(high + (isMapDrawn ? wide : 4) + 2.6 * bins, 16));
    if (this.root.style.getPropertyValue("--total") !== total) this.root.style.setProperty("--total", total);

    /** @param {string} text @param {string} level @param {boolean} isLooked @returns {Look} */
    const number = (text, level, isLooked) => ({
      text, className: isLooked ? " roi-looked" : " ",
      background: palette.cellColor(level), color: palette.numberColor(level),
    });
    const { wy, map, wx, output: out } = this.grids;
    drawCells(wy, high, down.rows.length * high, (k) => {
      const row = Math.floor(k / high);
      return weight(down.rows[row].get(down.first + (k % high)), row === focus.row);
    });
    drawCells(wx, bins, wide * bins, (k) => {
      const column = k % bins;
      return weight(across.rows[column].get(across.first + Math.floor(k / bins)), column === focus.column);
    });
    drawCells(map, isMapDrawn ? wide : 4, isMapDrawn ? high * wide : 0, (k) => {
      const cell = (down.first + Math.floor(k / wide)) * still.columns + across.first + (k % wide);
      return number(panel.labels[cell], panel.levels[cell], false);
    });
    drawCells(out, bins, output.length, (k) =>
      number(isKnown ? output[k] : panel.placement.unknown, isKnown ? levels[k] : "-", k === focus.row * bins + focus.column));
    setText(wy.caption, `Wy\n${sizeOf(words, down.rows.length, still.rows, down)}`);
    setText(map.caption, `${words.matrix_map}\n${still.rows} × ${still.columns}`);
    setText(wx.caption, `Wxᵀ\n${sizeOf(words, still.columns, bins, across)}`);
    setText(out.caption, `${words.matrix_output}\n${down.rows.length} × ${bins}`);
  }
}

/** @param {string | undefined} text @param {boolean} isLooked @returns {Look} */
function weight(text, isLooked) {
  const level = Math.abs(Number(text ?? 0));
  return {
    text: text ?? "0", className: `${text ? "" : "roi-zero"} ${isLooked ? "roi-looked" : ""}`,
    background: `rgb(var(--roi-roi-parts) / ${level})`, color: "",
  };
}

/** @param {Record<string, string>} words @param {number} rows @param {number} columns
 * @param {ReturnType<typeof readMatrix>} matrix */
function sizeOf(words, rows, columns, { first, last, isWhole }) {
  return isWhole ? `${rows} × ${columns}` : interpolate(words.matrix_cells, { rows, columns, first, last });
}

/** @param {Grid} target @param {number} columns @param {number} count @param {(k: number) => Look} lookOf */
function drawCells(target, columns, count, lookOf) {
  if (target.columns !== columns) target.grid.style.setProperty("--columns", String((target.columns = columns)));
  while (target.cells.length > count) target.cells.pop()?.span.remove();
  while (target.cells.length < count) target.cells.push({ span: addHtml(target.grid, "span"), look: null });
  target.cells.forEach((cell, k) => {
    const { span, look: before } = cell, look = lookOf(k);
    if (before?.text !== look.text) setText(span, look.text);
    if (before?.className !== look.className) span.className = look.className;
    if (before?.background !== look.background) span.style.backgroundColor = look.background;
    if (before?.color !== look.color) span.style.color = look.color;
    cell.look = look;
  });
}

/** Draw the product where the page has a place for it and the stage has matrices. @param {Stage | null} stage */
export function drawProduct(stage) {
  const host = globalThis.roiBelow;
  if (!host?.isConnected || stage?.update?.factors === undefined) return;
  host.product ??= new Product(host);
  host.product.follow(stage);
}
