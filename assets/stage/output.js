/** The output as a grid of buttons: pointing at a cell lights its bin, a click keeps it. */

import { ColorSheet } from "./color_sheet.js";
import { addHtml, interpolate, setAttributes, setText } from "./dom.js";

/** @typedef {import("./wire.js").PanelMoving} PanelMoving */
/** @typedef {{ button: HTMLButtonElement, text: Text, row: number, column: number, value: string, background: string, color: string }} Cell */

const MOST_NAMED = 20; // cells whose bins have a name beside their number
const MOST_NUMBERED = 7; // cells on a side: more are colours alone, and the caption has the number of the one looked at

export class OutputGrid {
  /** @param {HTMLElement} host @param {import("./stage.js").Stage} stage */
  constructor(host, stage) {
    this.stage = stage;
    this.isKnown = true;
    /** @type {(() => void) | null} */
    this.redraw = null;
    const caption = addHtml(host, "h3", { class: "roi-caption" });
    this.caption = addHtml(caption, "span");
    this.readout = addHtml(caption, "span", { class: "roi-readout", "aria-hidden": "true" });
    this.grid = addHtml(host, "div", { class: "roi-output", role: "group" });
    this.sheet = new ColorSheet();
    this.grid.addEventListener("pointerleave", () => stage.look(null));
    /** @type {Cell[]} */
    this.cells = [];
    this.columns = 0;
    this.longest = 0; // letters of the longest number
    this.focused = -1;
    this.isFine = false;
    /** @type {string[]} */
    this.values = [];
    /** @type {string[]} */
    this.names = [];
  }

  /** @param {PanelMoving} moving @param {import("./wire.js").PanelStill} still */
  draw(moving, still) {
    this.redraw = () => this.draw(moving, still);
    const { output = "", output_levels: packedLevels = "", output_columns: columns = 1 } = moving;
    const { output_caption: caption = "", names = [] } = still, { palette, still: words } = this.stage;
    const told = output.split(" "), values = this.isKnown ? told : told.map(() => words?.placement.unknown ?? "");
    const levels = this.isKnown ? packedLevels.split(" ") : told.map(() => "-");
    setText(this.caption, caption);
    setAttributes(this.grid, { "aria-label": caption });
    if (this.cells.length !== values.length || this.columns !== columns) this.build(values.length, columns);
    const longest = Math.max(...values.map((value) => value.length));
    if (longest !== this.longest) this.grid.style.setProperty("--longest", String((this.longest = longest)));
    this.drawNames(names);
    if (this.isFine) this.sheet.draw(levels, columns, palette);
    this.values = values;
    if (!this.isFine) this.drawCells(levels, palette);
    if (!this.stage.isDragging) this.nameCells(); // names can wait, numbers cannot
    this.drawReadout();
  }

  /** What each cell is called. */
  nameCells() {
    const { words } = this.stage;
    this.cells.forEach(({ button, row, column }, k) =>
      setAttributes(button, { "aria-label": interpolate(words.output_cell, { row, column, value: this.values[k] }) }));
  }

  /** The number and the colours of each cell. @param {string[]} levels @param {import("./colors.js").Palette} palette */
  drawCells(levels, palette) {
    this.cells.forEach((cell, k) => {
      const value = this.values[k], { button, text } = cell;
      if (cell.value !== value) text.data = cell.value = value;
      const background = palette.cellColor(levels[k]), color = palette.numberColor(levels[k]);
      if (cell.background !== background) button.style.backgroundColor = cell.background = background;
      if (cell.color !== color) button.style.color = cell.color = color;
    });
  }

  /** The numbers before a nudge, under those that changed. @param {import("./wire.js").Row} [before] */
  drawBefore(before) {
    const values = before?.split(" "), { words } = this.stage;
    this.cells.forEach(({ button }, k) => {
      const value = values?.[k];
      if (value === undefined || value === this.values[k]) delete button.dataset.before;
      else button.dataset.before = interpolate(words.before, { value });
    });
  }

  /** What the bins are called, in a corner of each cell. @param {string[]} names */
  drawNames(names) {
    if (this.names === names) return;
    this.names = names;
    this.cells.forEach(({ button }, k) => {
      if (this.isFine || this.cells.length > MOST_NAMED) delete button.dataset.name;
      else button.dataset.name = names[k] ?? "";
    });
    this.drawReadout();
  }

  /** @param {number} count @param {number} columns */
  build(count, columns) {
    this.columns = columns;
    this.values = [];
    this.names = [];
    this.isFine = Math.max(columns, count / columns) > MOST_NUMBERED;
    this.grid.classList.toggle("roi-fine-output", this.isFine);
    this.grid.replaceChildren(...(this.isFine ? [this.sheet.canvas] : []));
    this.grid.style.setProperty("--columns", String(columns));
    this.grid.style.setProperty("--rows", String(count / columns));
    this.cells = Array.from({ length: count }, (_, k) => {
      const row = Math.floor(k / columns), column = k % columns;
      const button = addHtml(this.grid, "button", { type: "button", "data-testid": `output-${row}-${column}` });
      const focus = () => ({ row, column, sample: this.stage.focus.sample });
      button.addEventListener("pointerenter", () => this.stage.look(focus()));
      button.addEventListener("focus", () => this.stage.look(focus()));
      button.addEventListener("blur", () => this.stage.look(null));
      button.addEventListener("click", () => {
        this.stage.prediction.reveal();
        this.stage.pin(focus());
      });
      const text = document.createTextNode("");
      button.append(text);
      return { button, text, row, column, value: "", background: "", color: "" };
    });
    this.focused = -1;
  }

  /** @param {import("./wire.js").Focus} focus */
  drawFocus({ row, column }) {
    const focused = row * this.columns + column;
    if (focused === this.focused) return;
    this.cells[this.focused]?.button.classList.remove("roi-looked");
    this.cells[focused]?.button.classList.add("roi-looked");
    this.focused = focused;
    this.drawReadout();
  }

  /** The number of the cell that is looked at, where cells are too small to show theirs. */
  drawReadout() {
    const k = this.focused, isShown = this.isFine && this.values[k] !== undefined;
    setText(this.readout, isShown ? ` ${this.names[k] ?? ""} = ${this.values[k]}` : "");
  }

  /** @param {import("./wire.js").Emphases} emphasis */
  setEmphasis(emphasis) {
    const { output = "shown" } = emphasis, isKnown = output !== "unknown";
    this.grid.dataset.emphasis = output;
    if (isKnown === this.isKnown) return;
    this.isKnown = isKnown;
    this.redraw?.();
  }
}
