/** The colours of very many cells as one picture, a pixel a cell: quicker to draw than an element each. */

/** @typedef {import("./colors.js").Palette} Palette */

export class ColorSheet {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "roi-sheet";
    this.canvas.addEventListener("transitionend", () => this.paint()); // the theme of the page changed
    this.context = this.canvas.getContext("2d");
    /** @type {string[]} */
    this.levels = [];
    this.low = this.high = ""; // the colours of 0 and of 100, as the palette writes them
  }

  /** @param {string[]} levels  0…100, or "-", row by row @param {number} columns @param {Palette} palette */
  draw(levels, columns, palette) {
    const { canvas } = this, rows = levels.length / columns;
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    const low = palette.cellColor("0"), high = palette.cellColor("100");
    if (this.low !== low || this.high !== high) {
      Object.assign(canvas.style, { color: low, outlineColor: high });
      this.low = low;
      this.high = high;
    }
    this.levels = levels;
    this.paint();
  }

  paint() {
    const { canvas, context, levels } = this;
    if (!context || !levels.length) return;
    const { color, outlineColor } = getComputedStyle(canvas), low = channels(color), high = channels(outlineColor);
    const picture = context.createImageData(canvas.width, canvas.height);
    levels.forEach((level, k) => {
      if (level === "-") return;
      const part = Number(level) / 100;
      for (let n = 0; n < 3; n++) picture.data[4 * k + n] = Math.round(low[n] + part * (high[n] - low[n]));
      picture.data[4 * k + 3] = 255;
    });
    context.putImageData(picture, 0, 0);
  }
}

/** Red, green and blue of a computed colour. @param {string} color */
function channels(color) {
  const numbers = (color.match(/[\d.]+/g) ?? []).map(Number);
  return color.startsWith("color(") ? numbers.map((part) => part * 255) : numbers; // color(srgb 0…1) or rgb(0…255)
}
