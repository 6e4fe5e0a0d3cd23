/**
 * The sample points: all × are one path for their halo and one for the cross, however many they are, and the one that is
 * looked at is another two on top. They are found in data (`Samples.near`), so no element stands for one.
 */

import { addSvg, poolOf, setAttributes } from "./dom.js";
import { CELL, clamp } from "./geometry.js";
import { rectangle } from "./marks.js";
import { sizeAt } from "./placement.js";

/** @typedef {import("./unpack.js").Samples} Samples */
/** @typedef {import("./unpack.js").Sample} Sample */

const FINE = 4; // pixels: shorter arms are filled shapes with square ends, which a browser draws in half the time

/** @param {SVGGElement} group */
const makeCrosses = (group) => ({
  halo: addSvg(group, "path", { class: "roi-halo" }),
  cross: addSvg(group, "path", { class: "roi-cross" }),
});

export class Crosses {
  /** @param {SVGGElement} samples  their layer @param {boolean} isLoupe */
  constructor(samples, isLoupe) {
    this.layer = samples;
    this.all = makeCrosses(samples);
    if (!isLoupe) this.all.cross.dataset.testid = "samples";
    this.chosen = makeCrosses(addSvg(samples, "g", { class: "roi-chosen" }));
    this.winners = poolOf(samples, "rect", { class: "roi-winner", rx: 6 });
    this.arm = 0; // from the middle of a × to its end, in drawing units
    this.armInPixels = this.haloWidth = this.crossWidth = 0;
    this.isFine = false;
  }

  /** @param {Samples} samples @param {import("./wire.js").Size} size @param {number} inset  of the frame of a maximum, in
   * cells @param {number} unit  drawing units a pixel */
  draw(samples, size, inset, unit) {
    const arm = sizeAt(size, CELL / unit) / 2;
    this.setSize(arm);
    this.arm = arm * unit;
    const pathOf = (/** @type {number} */ width) => {
      if (!samples.isInterpolated) return "";
      return this.isFine ? filledCrossesPath(samples, this.arm, width * unit) : crossesPath(samples, this.arm);
    };
    setAttributes(this.all.halo, { d: this.isFine ? "" : pathOf(this.haloWidth) }); // halos of very many × hide the map
    setAttributes(this.all.cross, { d: pathOf(this.crossWidth) });
    this.winners.draw(samples.isInterpolated ? [] : samples.wins, ({ root }, k) =>
      setAttributes(root, frameIn(Math.floor(samples.y(k)), Math.floor(samples.x(k)), inset)));
  }

  /** The width of the strokes for an arm. @param {number} arm  pixels */
  setSize(arm) {
    if (arm === this.armInPixels) return;
    this.armInPixels = arm;
    this.isFine = arm < FINE;
    this.haloWidth = clamp(arm * 0.9, 1.6, 6.5);
    this.crossWidth = clamp(arm * 0.45, 1, 3.2);
    this.layer.classList.toggle("roi-fine-crosses", this.isFine);
    this.layer.style.setProperty("--halo-width", `${this.haloWidth}px`);
    this.layer.style.setProperty("--cross-width", `${this.crossWidth}px`);
  }

  /** Make a × stand out. @param {Sample | null} sample */
  choose(sample) {
    const arm = coordinate(this.arm);
    setCrosses(this.chosen, sample ? `M${coordinate(sample.x * CELL - this.arm)} ${coordinate(sample.y * CELL - this.arm)}${strokes(arm)}` : "");
  }
}

/** The attributes of a frame just inside a cell. @param {number} row @param {number} column @param {number} inset  cells */
export const frameIn = (row, column, inset) =>
  rectangle([column + inset, row + inset, column + 1 - inset, row + 1 - inset]);

/** @param {{ halo: SVGPathElement, cross: SVGPathElement }} paths @param {string} d */
function setCrosses({ halo, cross }, d) {
  setAttributes(halo, { d });
  setAttributes(cross, { d });
}

/** A number in drawing units with as many decimals as can be seen: 0.1 is less than a tenth of a pixel. @param {number} value */
const coordinate = (value) => Math.round(value * 10) / 10;

/** The two strokes of a × from its upper left end. @param {number} arm */
const strokes = (arm) => `l${2 * arm} ${2 * arm}m0-${2 * arm}l-${2 * arm} ${2 * arm}`;

/**
 * The path of all ×, as lines: each begins at its upper left end.
 *
 * @param {Samples} samples @param {number} arm  drawing units
 */
export function crossesPath(samples, arm) {
  return shapesPath(samples, -arm, -arm, strokes(coordinate(arm)));
}

/**
 * The path of all × as filled shapes, two rectangles each: each begins at the upper corner of its upper left end. They
 * reach as far as lines with round ends.
 *
 * @param {Samples} samples @param {number} arm @param {number} width  of the lines; both in drawing units
 */
export function filledCrossesPath(samples, arm, width) {
  const half = (width / 2) * Math.SQRT1_2, end = arm + half; // a square end stands further out along the line
  const long = coordinate(2 * end), thick = coordinate(2 * half);
  const shape = `l${long} ${long}l-${thick} ${thick}l-${long}-${long}zm${long} ${thick}l-${long} ${long}l-${thick}-${thick}l${long}-${long}z`;
  return shapesPath(samples, half - end, -half - end, shape);
}

/** The same shape at every sample point, from a start beside it. @param {Samples} samples @param {number} dx
 * @param {number} dy @param {string} shape */
function shapesPath(samples, dx, dy, shape) {
  const columns = samples.columns.map(([x]) => `M${coordinate(x * CELL + dx)} `);
  const rows = samples.rows.map(([y]) => coordinate(y * CELL + dy) + shape);
  let path = "";
  for (let k = 0; k < samples.count; k++) path += columns[samples.columnOf[k]] + rows[samples.rowOf[k]];
  return path;
}
