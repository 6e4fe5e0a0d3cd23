/** The colours of cells and of the numbers on them, for a light and a dark page at once. */

/** @typedef {import("./wire.js").Inks} Inks */

export class Palette {
  /** @param {Inks} inks */
  constructor(inks) {
    this.inks = inks;
    /** @type {Map<string, string>} */
    this.cells = new Map();
    const { on_low: onLow, on_high: onHigh } = inks;
    // Which of the two themes take the ink for high levels: there are four cases.
    this.numbers = [[onLow, onLow], [onLow, onHigh], [onHigh, onLow], [onHigh, onHigh]].map(
      ([light, dark]) => `light-dark(${light[0]}, ${dark[1]})`,
    );
  }

  /** @param {string} level  0…100, or "-" */
  cellColor(level) {
    if (level === "-") return "transparent";
    let color = this.cells.get(level);
    if (color === undefined) {
      const { low, high } = this.inks;
      color = `color-mix(in srgb, light-dark(${high[0]}, ${high[1]}) ${level}%, light-dark(${low[0]}, ${low[1]}))`;
      this.cells.set(level, color);
    }
    return color;
  }

  /** @param {string} level */
  numberColor(level) {
    const [light, dark] = this.inks.switch_level.map((from) => level !== "-" && Number(level) >= from);
    return this.numbers[(light ? 2 : 0) + (dark ? 1 : 0)];
  }
}
