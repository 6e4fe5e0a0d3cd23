/** The box, the point and their limits, in map cells. What a person may do with them; no element is touched here. */

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./wire.js").Point} Point */
/** @typedef {Record<string, [low: number, high: number]>} Limits */

export const CELL = 100; // drawing units a map cell
export const SIDES = ["x1", "y1", "x2", "y2"];
/** Where each handle sits on the box: 0 left or top, 1 right or bottom. @type {Record<string, [number, number]>} */
export const HANDLES = {
  nw: [0, 0], n: [0.5, 0], ne: [1, 0], w: [0, 0.5], e: [1, 0.5], sw: [0, 1], s: [0.5, 1], se: [1, 1],
};
/** Which way each key goes. @type {Record<string, [x: number, y: number]>} */
export const ARROW_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAST_SIDE = 0.05; // cells
const ONE_HANDLE = 20; // pixels: the handles of a smaller box lie on top of one another

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
/** @param {number} value */
export const toHundredth = (value) => Math.round(value * 100) / 100;

/**
 * The box after one of its handles, or all of it (`move`), was pulled by dx, dy from where it was.
 *
 * @param {string} handle @param {Box} from @param {number} dx @param {number} dy @param {Limits} limits
 * @returns {Box}
 */
export function moveBox(handle, from, dx, dy, limits) {
  const [left, right] = limits.x1, [top, bottom] = limits.y1;
  let [x1, y1, x2, y2] = from;
  if (handle === "move") {
    const across = clamp(dx, left - x1, right - x2), down = clamp(dy, top - y1, bottom - y2);
    return inHundredths([x1 + across, y1 + down, x2 + across, y2 + down]);
  }
  if (handle.includes("w")) x1 = clamp(x1 + dx, left, x2 - LEAST_SIDE);
  if (handle.includes("e")) x2 = clamp(x2 + dx, x1 + LEAST_SIDE, right);
  if (handle.includes("n")) y1 = clamp(y1 + dy, top, y2 - LEAST_SIDE);
  if (handle.includes("s")) y2 = clamp(y2 + dy, y1 + LEAST_SIDE, bottom);
  return inHundredths([x1, y1, x2, y2]);
}

/**
 * The box with one side at a value; it cannot pass the side opposite.
 *
 * @param {Box} box @param {string} side @param {number} value
 * @returns {Box}
 */
export function moveSide(box, side, value) {
  const k = SIDES.indexOf(side), opposite = box[(k + 2) % 4];
  const moved = /** @type {Box} */ ([...box]);
  moved[k] = k < 2 ? Math.min(value, opposite - LEAST_SIDE) : Math.max(value, opposite + LEAST_SIDE);
  return inHundredths(moved);
}

/** @param {Box} box @returns {Box} */
const inHundredths = (box) => /** @type {Box} */ (box.map(toHundredth));

/**
 * The point at x, y, or as near as the limits let it come.
 *
 * @param {number} x @param {number} y @param {Limits} limits
 * @returns {Point} y, x
 */
export function pointWithin(x, y, limits) {
  return [toHundredth(clamp(y, ...limits.y)), toHundredth(clamp(x, ...limits.x))];
}

/**
 * Is a box so small that its handles lie on top of one another?
 *
 * @param {Box} box @param {number} unit  drawing units a pixel
 */
export function isUnderOneHandle([x1, y1, x2, y2], unit) {
  return (Math.max(x2 - x1, y2 - y1) * CELL) / unit < ONE_HANDLE;
}

/** The corner handle on the side to which it is pulled. @param {number} dx @param {number} dy */
export const cornerTowards = (dx, dy) => (dy < 0 ? "n" : "s") + (dx < 0 ? "w" : "e");

/** @param {readonly number[]} a @param {readonly number[]} b */
export const areEqual = (a, b) => a.length === b.length && a.every((value, k) => value === b[k]);
