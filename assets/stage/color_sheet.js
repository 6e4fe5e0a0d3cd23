/** The colours of very many cells as one picture, a pixel a cell: quicker to draw than an element each. */

/** @typedef {import("./colors.js").Palette} Palette */

export class ColorSheet {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "roi-sheet";
    this.context = this.canvas.getContext("2d");
  }

  /** @param {string[]} levels  0…100, or "-", row by row @param {number} columns @param {Palette} palette */
  draw(levels, columns, palette) {
    const { canvas, context } = this, rows = levels.length / columns;
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    if (!context) return;
    const colors = Array.from({ length: 101 }, (_, level) => palette.channelsAt(level));
    const picture = context.createImageData(columns, rows);
    levels.forEach((level, k) => {
      if (level !== "-") picture.data.set([...colors[Number(level)], 255], 4 * k);
    });
    context.putImageData(picture, 0, 0);
  }
}
