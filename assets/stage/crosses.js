/**
 * The sample points: all × are one path for their halo and one for the cross, however many they are, and the one that is
 * looked at is another two on top. Where they are many, all are faint, without a halo, and those of the bin that is looked
 * at are drawn again, on top. They are found in data (`Samples.near`), so no element stands for one.
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
    this.ofBin = makeCrosses(addSvg(samples, "g"));
    this.chosen = makeCrosses(addSvg(samples, "g", { class: "roi-chosen" }));
    this.winners = poolOf(samples, "rect", { class: "roi-winner", rx: 6 });
    this.arm = this.chosenArm = 0; // from the middle of a × to its end, in drawing units
    this.armInPixels = this.haloWidth = this.crossWidth = 0;
    this.isFine = this.areMany = false;
  }

  /** @param {Samples} samples @param {{ size: import("./wire.js").Size, areMany: boolean, unit: number }} look  `unit`:
   * drawing units a pixel @param {import("./wire.js").Placement} placement */
  draw(samples, { size, areMany, unit }, { inset, chosen, faint }) {
    const arm = sizeAt(size, CELL / unit) / 2;
    this.setSize(arm);
    this.setMany(areMany, faint);
    this.arm = arm * unit;
    this.chosenArm = Math.max(arm, chosen / 2) * unit;
    const isHaloed = !this.isFine && !areMany; // halos of very many × hide the map
    const path = !samples.isInterpolated ? ""
      : this.isFine ? filledCrossesPath(samples, this.arm, this.crossWidth * unit) : crossesPath(samples, this.arm);
    setAttributes(this.all.halo, { d: isHaloed ? path : "" });
    setAttributes(this.all.cross, { d: path });
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

  /** @param {boolean} areMany @param {number} faint  the opacity of many */
  setMany(areMany, faint) {
    if (areMany === this.areMany) return;
    this.areMany = areMany;
    this.layer.style.setProperty("--cross-share", String(areMany ? faint : 1));
  }

  /** Make a × stand out, and those of its bin where there are many. @param {Samples} samples
   * @param {{ start: number, end: number }} ofBin @param {Sample | null} chosen */
  look(samples, ofBin, chosen) {
    const { areMany, chosenArm } = this, isShown = samples.isInterpolated;
    setCrosses(this.ofBin, isShown && areMany ? crossesPath(samples, this.arm, ofBin) : "");
    setCrosses(this.chosen, isShown && chosen
      ? `M${coordinate(chosen.x * CELL - chosenArm)} ${coordinate(chosen.y * CELL - chosenArm)}${strokes(coordinate(chosenArm))}` : "");
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
 * The path of ×, as lines: each begins at its upper left end.
 *
 * @param {Samples} samples @param {number} arm  drawing units @param {{ start: number, end: number }} [which]  all, or those
 */
export function crossesPath(samples, arm, which) {
  return shapesPath(samples, -arm, -arm, strokes(coordinate(arm)), which);
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
 * @param {number} dy @param {string} shape @param {{ start: number, end: number }} [which] */
function shapesPath(samples, dx, dy, shape, { start, end } = { start: 0, end: samples.count }) {
  const columns = samples.columns.map(([x]) => `M${coordinate(x * CELL + dx)} `);
  const rows = samples.rows.map(([y]) => coordinate(y * CELL + dy) + shape);
  let path = "";
  for (let k = start; k < end; k++) path += columns[samples.columnOf[k]] + rows[samples.rowOf[k]];
  return path;
}
