/** The colours of cells and of the numbers on them. */

/** @typedef {import("./wire.js").Inks} Inks */

/** @type {Inks} until the first answer */
export const NO_INKS = { low: ["", ""], high: ["", ""], on_low: ["", ""], on_high: ["", ""], switch_level: [0, 0] };

export class Palette {
  /** @param {Inks} inks @param {boolean} isDark */
  constructor(inks, isDark) {
    const theme = isDark ? 1 : 0;
    this.low = channels(inks.low[theme]);
    this.high = channels(inks.high[theme]);
    this.onLow = inks.on_low[theme];
    this.onHigh = inks.on_high[theme];
    this.switchLevel = inks.switch_level[theme];
    /** @type {Map<string, string>} */
    this.cells = new Map();
  }

  /** Red, green and blue at a level 0…100. @param {number} level */
  channelsAt(level) {
    return this.low.map((low, k) => Math.round(low + (this.high[k] - low) * (level / 100)));
  }

  /** @param {string} level  0…100, or "-" */
  cellColor(level) {
    if (level === "-") return "transparent";
    let color = this.cells.get(level);
    if (color === undefined) this.cells.set(level, (color = `rgb(${this.channelsAt(Number(level)).join(", ")})`));
    return color;
  }

  /** @param {string} level */
  numberColor(level) {
    return level !== "-" && Number(level) >= this.switchLevel ? this.onHigh : this.onLow;
  }
}

/** @param {string} color  "#rrggbb" */
const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
