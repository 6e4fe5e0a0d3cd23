import assert from "node:assert/strict";
import { test } from "node:test";

import { frameIn } from "../../assets/stage/crosses.js";
import { headOf, placeText, sizeAt } from "../../assets/stage/placement.js";

/** @typedef {import("../../assets/stage/placement.js").WordGroup} WordGroup */
/** @typedef {import("../../assets/stage/wire.js").Box} Box */

/** As `stage.packing.placement` sends them. @type {import("../../assets/stage/wire.js").Placement} */
const RULES = {
  unknown: "?", inset: 0.03, corner: [0.08, 0.06], digits: 0.72, chosen: 9, faint: 0.5, disc: 0.1975, corner_dot: 0.055, dot: [0.09, 3, 9], heads: { error: 9, slope: 15 }, head_aside: 0.6667,
  letter: 0.58, line: 1.2, pill: [0.5, 1.5],
};
/** @type {WordGroup} */
const PILLS = { size: [0.45, 9, 14], gap: 5, legible: 0, isPill: true, texts: [] };
/** @type {Box} */
const MAP = [-0.3, -0.3, 9.1, 9.1];

/** @param {number[]} actual @param {number[]} wanted */
function assertNear(actual, wanted) {
  assert.equal(actual.length, wanted.length);
  actual.forEach((value, k) => assert.ok(Math.abs(value - wanted[k]) < 1e-3, `${actual} is not ${wanted}`));
}

test("a size follows the cells between its least and its greatest number of pixels", () => {
  assert.deepEqual([sizeAt([0.25, 6, 15], 40), sizeAt([0.25, 6, 15], 10), sizeAt([0.25, 6, 15], 100)], [10, 6, 15]);
  assert.equal(sizeAt([0.125, 0], 200), 25);
});

test("a pill of five letters of 10 pixels, on cells of 10, from the middle of its left end", () => {
  const words = { text: "+0.50", spots: [{ x: 2, y: 3, part: "lc" }] };
  const placed = placeText(words, { ...PILLS, size: [0, 10], gap: 0 }, RULES, MAP, 10);
  assertNear(placed?.box ?? [], [2, 2.25, 5.4, 3.75]); // 5 · 0.58 + 0.5 wide, 1.5 high: as Words.box in Python has it
});

test("the length of an arrow stands 5 pixels from its end where it fits, else at the other end", () => {
  const words = { text: "+0.65", spots: [{ x: 7, y: 3.875, part: "lc" }, { x: 6.35, y: 3.875, part: "rc" }] };
  const wide = 3.4 * 14 / 40; // cells
  assertNear(placeText(words, PILLS, RULES, MAP, 40)?.box ?? [], [7.125, 3.6125, 7.125 + wide, 4.1375]);
  const narrow = placeText(words, PILLS, RULES, [-0.3, -0.3, 8.2, 9.1], 40);
  assertNear(narrow?.box ?? [], [6.225 - wide, 3.6125, 6.225, 4.1375]);
});

test("a text without a pill is as high as a line, and hangs from its spot", () => {
  const group = { ...PILLS, size: /** @type {[number, number]} */ ([0.24, 0]), gap: 0, isPill: false };
  const placed = placeText({ text: "0.491", spots: [{ x: 4, y: 3, part: "ct" }] }, group, RULES, MAP, 50);
  assertNear(placed?.box ?? [], [4 - 0.348, 3, 4 + 0.348, 3.288]);
  assert.equal(placed?.size, 12);
});

test("what could not be read is not written", () => {
  const group = { ...PILLS, size: /** @type {[number, number]} */ ([0.24, 0]), legible: 7 };
  const words = { text: "0.491", spots: [{ x: 4, y: 3, part: "ct" }] };
  assert.equal(placeText(words, group, RULES, MAP, 29), null);
  assert.notEqual(placeText(words, group, RULES, MAP, 30), null);
});

test("the head of an arrow is 9 pixels long, but no longer than the arrow", () => {
  const arrow = { x0: 6.35, y0: 3.875, x1: 7, y1: 3.875 };
  assertNear(headOf(arrow, 9, 2 / 3, 40).flat(), [7, 3.875, 6.775, 4.025, 6.775, 3.725]);
  assertNear(headOf(arrow, 9, 2 / 3, 4)[1], [6.35, 3.875 + 0.65 * 2 / 3]);
  assertNear(headOf({ x0: 1, y0: 1, x1: 1, y1: 1 }, 9, 2 / 3, 40).flat(), [1, 1, 1, 1, 1, 1]);
});

test("a frame just inside a cell", () => {
  const { x, y, width, height } = frameIn(3, 2, 0.03);
  assertNear([x, y, width, height], [203, 303, 94, 94]);
});
