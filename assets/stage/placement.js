/**
 * Where Python says that a mark or a text goes, evaluated for the size of the cells on this screen. Python decides in
 * `roialign_lab/figures/strokes.py`: no length and no side is chosen here.
 */

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./wire.js").Placement} Placement */
/** @typedef {import("./wire.js").Size} Size */

/** @typedef {{ x: number, y: number, part: string }} Spot  map cells, and which part of the text is there: `lt`, `cc` … */
/** @typedef {{ text: string, ink?: string, spots: Spot[] }} SpottedText  `ink`: its own, if any */
/** @typedef {{ size: Size, gap: number, legible: number, isPill: boolean, texts: SpottedText[] }} WordGroup */
/** @typedef {{ text: string, ink?: string, box: Box, size: number }} PlacedText  its place in map cells, its letters in pixels */

/** How much of a text lies before its point. @type {Record<string, number>} */
const BEFORE = { l: 0, t: 0, c: 0.5, r: 1, b: 1 };

/** A length in pixels. @param {Size} size @param {number} cell  pixels a map cell */
export const sizeAt = ([cells, least, most = Infinity], cell) => Math.min(Math.max(cells * cell, least), most);

/**
 * A text at the first of its spots where it stays within what is visible, else at the last; null where it is too small.
 *
 * @param {SpottedText} words @param {WordGroup} group @param {Placement} rules @param {Box} extent
 * @param {number} cell  pixels a map cell
 * @returns {PlacedText | null}
 */
export function placeText({ text, ink, spots }, group, rules, [x1, y1, x2, y2], cell) {
  const size = sizeAt(group.size, cell);
  if (size < group.legible) return null;
  const boxes = spots.map((spot) => textBox(text.length, spot, group, rules, size, cell));
  const fitting = boxes.find(([left, top, right, bottom]) => x1 <= left && y1 <= top && right <= x2 && bottom <= y2);
  return { text, ink, size, box: fitting ?? boxes[boxes.length - 1] };
}

/** @param {number} letters @param {Spot} spot @param {WordGroup} group @param {Placement} rules @param {number} size
 * @param {number} cell @returns {Box} */
function textBox(letters, { x, y, part }, { gap, isPill }, { letter, line, pill: [aside, pillLine] }, size, cell) {
  const wide = ((letter * letters + (isPill ? aside : 0)) * size) / cell, high = ((isPill ? pillLine : line) * size) / cell;
  const across = BEFORE[part[0]], down = BEFORE[part[1]];
  const left = x - wide * across + (gap / cell) * (1 - 2 * across);
  const top = y - high * down + (gap / cell) * (1 - 2 * down);
  return [left, top, left + wide, top + high];
}

/**
 * The head of an arrow: its tip, then the two ends of its base.
 *
 * @param {{ x0: number, y0: number, x1: number, y1: number }} arrow  map cells @param {number} most  pixels that it is long
 * @param {number} aside  half its width, by its length @param {number} cell  pixels a map cell
 * @returns {[x: number, y: number][]} map cells
 */
export function headOf({ x0, y0, x1, y1 }, most, aside, cell) {
  const along = Math.hypot(x1 - x0, y1 - y0) || 1, dx = (x1 - x0) / along, dy = (y1 - y0) / along;
  const long = Math.min(along, most / cell), x = x1 - long * dx, y = y1 - long * dy;
  return [[x1, y1], [x - long * aside * dy, y + long * aside * dx], [x + long * aside * dy, y - long * aside * dx]];
}
