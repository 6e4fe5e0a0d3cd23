/** From the texts of the wire to numbers. Weights and neighbours are read only of the sample point that is looked at. */

/** @typedef {import("./wire.js").PackedSamples} PackedSamples */
/** @typedef {import("./wire.js").PanelMoving} PanelMoving */

/**
 * @typedef {object} Sample  a sample point with all that is shown of it
 * @property {number} number  in the trace
 * @property {number} row  of its bin
 * @property {number} column
 * @property {number} place  among the sample points of its bin
 * @property {number} count  how many the bin has
 * @property {number} y
 * @property {number} x
 * @property {number[] | null} weights  of the four cells, in thousandths
 * @property {string | undefined} value
 * @property {boolean} wins  it gives the maximum of its bin
 * @property {[row: number, column: number][]} cells  the four cells around it
 */

/** @param {string | undefined} row @returns {number[]} */
export const readRow = (row) => (row ? row.split(" ").map(Number) : []);
/** @param {string | undefined} table @returns {number[][]} */
export const readTable = (table) => (table ? table.split(",").map(readRow) : []);
/** @param {string | undefined} text @returns {string[]} */
export const readWords = (text) => (text ? text.split(" ") : []);
/** @param {string | undefined} text @returns {string[][]} */
export const readWordTable = (text) => (text ? text.split(",").map(readWords) : []);

/** @param {string} digits @param {number} k @param {number} width  digits a number */
const digitsAt = (digits, k, width) => parseInt(digits.slice(k * width, (k + 1) * width), 36);

/** The sample points of a panel: their places as arrays, everything else when it is read. */
export class Samples {
  /** @param {PackedSamples | undefined} packed */
  constructor(packed) {
    this.packed = packed;
    this.isInterpolated = !packed?.whole;
    this.rows = readTable(packed?.y);
    this.columns = readTable(packed?.x);
    this.runs = readTable(packed?.bin);
    this.count = this.runs.reduce((sum, [, , count]) => sum + count, 0);
    this.rowOf = readPlaces(packed?.y_at, this.rows.length, this.count);
    this.columnOf = readPlaces(packed?.x_at, this.columns.length, this.count);
    this.wins = readRow(packed?.wins);
    /** @type {string[] | null} */
    this.valueList = null;
  }

  /** Of each sample point, the value as it is shown. */
  get values() {
    return (this.valueList ??= readWords(this.packed?.values));
  }

  /** @param {number} k */
  y(k) {
    return this.rows[this.rowOf[k]][0];
  }

  /** @param {number} k */
  x(k) {
    return this.columns[this.columnOf[k]][0];
  }

  /** @param {number} k @returns {Sample} */
  at(k) {
    let start = 0, run = 0;
    while (start + this.runs[run][2] <= k) start += this.runs[run++][2];
    const [row, column, count] = this.runs[run], weights = this.packed?.weights;
    const [y, top, bottom] = this.rows[this.rowOf[k]], [x, left, right] = this.columns[this.columnOf[k]];
    return {
      number: (this.packed?.first ?? 0) + k, row, column, place: k - start, count, y, x,
      weights: weights ? [0, 1, 2, 3].map((n) => digitsAt(weights, k * 4 + n, 2)) : null,
      value: this.values[k],
      wins: this.wins.includes(k),
      cells: [[top, left], [top, right], [bottom, left], [bottom, right]],
    };
  }

  /** The places of a bin's sample points, from the first to before the last. @param {number} row @param {number} column */
  ofBin(row, column) {
    let start = 0;
    for (const [r, c, count] of this.runs) {
      if (r === row && c === column) return { start, end: start + count };
      start += count;
    }
    return { start: 0, end: 0 };
  }

  /** The first sample point within `reach` of a place across and down; -1 where there is none.
   * @param {number} x @param {number} y @param {number} reach  cells */
  near(x, y, reach) {
    for (let k = 0; k < this.count; k++) {
      if (Math.abs(this.x(k) - x) < reach && Math.abs(this.y(k) - y) < reach) return k;
    }
    return -1;
  }

}

/** @param {string | undefined} digits @param {number} distinct @param {number} count */
function readPlaces(digits, distinct, count) {
  const width = distinct > 36 ? 2 : 1, places = new Uint16Array(count);
  for (let k = 0; digits && k < count; k++) places[k] = digitsAt(digits, k, width);
  return places;
}

/**
 * All that a panel draws, as numbers.
 *
 * @param {PanelMoving} moving
 */
export function unpackMarks(moving) {
  return {
    rectangles: {
      bin: readTable(moving.bin), area: readTable(moving.area), read: readTable(moving.read),
      snapped: readTable(moving.snapped), reach: readTable(moving.reach), square: readTable(moving.square),
    },
    lines: { pixels: readLines(moving.pixels), part: readLines(moving.part), split: readLines(moving.split) },
    arrows: { error: readWordTable(moving.error).map(toArrow), slope: readWordTable(moving.slope).map(toArrow) },
    gradient: readTable(moving.gradient).map(([x1, y1, x2, y2, level]) => ({ box: [x1, y1, x2, y2], level })),
    dots: { lerp_x: readTable(moving.lerp_x), lerp_y: readTable(moving.lerp_y) },
    words: Object.fromEntries(Object.entries(moving.words ?? {}).map(([role, group]) => [role, readWordGroup(group)])),
    corners: readWordTable(moving.corners).map(([row, column, corner]) => ({ row: Number(row), column: Number(column), corner })),
    samples: new Samples(moving.samples),
  };
}

/** @typedef {ReturnType<typeof unpackMarks>} Marks */
/** @typedef {ReturnType<typeof toArrow>} Arrow */

/** @param {string[]} words */
function toArrow([side, ...rest]) {
  const [x0, y0, x1, y1] = rest.map(Number);
  return { side, x0, y0, x1, y1 };
}

/** @param {import("./wire.js").PackedWords} packed @returns {import("./placement.js").WordGroup} */
function readWordGroup({ size, each, gap = 0, legible = 0, pill = false }) {
  const texts = each.split("\n").map((words) => {
    const [text, spots, ink] = words.split("|");
    return {
      text,
      ...(ink ? { ink } : {}),
      spots: spots.split(";").map(readWords).map(([x, y, part]) => ({ x: Number(x), y: Number(y), part })),
    };
  });
  return { size, gap, legible, isPill: pill, texts };
}

/**
 * Lines across a region: x0, y0, x1, y1 of each.
 *
 * @param {string | undefined} packed
 * @returns {number[][]}
 */
export function readLines(packed) {
  const [region = [], ys = [], xs = []] = (packed ?? "").split(",").map(readRow);
  const [x1, y1, x2, y2] = region;
  return [...ys.map((y) => [x1, y, x2, y]), ...xs.map((x) => [x, y1, x, y2])];
}

/**
 * The rows of a matrix as maps from a cell to its weight, and the first and last cell that has to be seen: all cells of a
 * small map, else those that some row weighs.
 *
 * @param {string} packed @param {number} cells  along this side of the map @param {number} mostWhole
 */
export function readMatrix(packed, cells, mostWhole) {
  const rows = packed.split(",").map((text) => {
    const words = readWords(text), weights = new Map();
    for (let k = 0; k < words.length; k += 2) weights.set(Number(words[k]), words[k + 1]);
    return /** @type {Map<number, string>} */ (weights);
  });
  const used = rows.flatMap((row) => [...row.keys()]);
  const isWhole = cells <= mostWhole || !used.length;
  return {
    rows, isWhole,
    first: isWhole ? 0 : Math.min(...used),
    last: isWhole ? Math.min(cells, mostWhole) - 1 : Math.max(...used),
  };
}

// ---- the lines of the sweep, in a square of 1000 x 1000 ------------------------------------------------------------

const FULL_HEIGHT = 1295; // the largest number of two digits
/** @param {number} height */
const toY = (height) => ((FULL_HEIGHT - height) / (FULL_HEIGHT / 1000)).toFixed(1);

/** The path of a staircase, from positions (the last is `last`) and heights in turn. @param {string} digits @param {number} last */
export function stairPath(digits, last) {
  let path = `M0 ${toY(digitsAt(digits, 1, 2))}`;
  for (let k = 2; k < digits.length / 2; k += 2) {
    path += `H${((digitsAt(digits, k, 2) / last) * 1000).toFixed(1)}V${toY(digitsAt(digits, k + 1, 2))}`;
  }
  return `${path}H1000`;
}

/** The path through a height at every position. @param {string} digits @param {number} last  number of a position */
export function linePath(digits, last) {
  let path = "";
  for (let k = 0; k <= last; k++) path += `${k ? "L" : "M"}${((k / last) * 1000).toFixed(1)} ${toY(digitsAt(digits, k, 2))}`;
  return path;
}

/** @param {import("./wire.js").PackedFocus} packed @returns {import("./wire.js").Focus} */
export const unpackFocus = ([row, column, sample]) => ({ row, column, sample });
