import assert from "node:assert/strict";
import { test } from "node:test";

import { areEqual, cornerTowards, isUnderOneHandle, moveBox, moveSide, pointWithin } from "../../assets/stage/geometry.js";

/** @typedef {import("../../assets/stage/wire.js").Box} Box */

/** A map of 8 × 6 cells. @type {import("../../assets/stage/geometry.js").Limits} */
const LIMITS = { x1: [0, 8], y1: [0, 6], x2: [0, 8], y2: [0, 6] };
/** @type {Box} */
const BOX = [1, 2, 4, 5];

test("the whole box moves and keeps its size", () => {
  assert.deepEqual(moveBox("move", BOX, 0.5, -1.25, LIMITS), [1.5, 0.75, 4.5, 3.75]);
});

test("a box that is moved beyond the map stops at its border and keeps its size", () => {
  assert.deepEqual(moveBox("move", BOX, 100, 100, LIMITS), [5, 3, 8, 6]);
  assert.deepEqual(moveBox("move", BOX, -100, -100, LIMITS), [0, 0, 3, 3]);
});

test("each handle moves its own sides", () => {
  const moved = {
    nw: [1.5, 2.5, 4, 5], n: [1, 2.5, 4, 5], ne: [1, 2.5, 4.5, 5], w: [1.5, 2, 4, 5],
    e: [1, 2, 4.5, 5], sw: [1.5, 2, 4, 5.5], s: [1, 2, 4, 5.5], se: [1, 2, 4.5, 5.5],
  };
  for (const [handle, box] of Object.entries(moved)) assert.deepEqual(moveBox(handle, BOX, 0.5, 0.5, LIMITS), box, handle);
});

test("a side stops 0.05 cells before the side opposite, and at the border of the map", () => {
  assert.deepEqual(moveBox("nw", BOX, 100, 100, LIMITS), [3.95, 4.95, 4, 5]);
  assert.deepEqual(moveBox("se", BOX, -100, -100, LIMITS), [1, 2, 1.05, 2.05]);
  assert.deepEqual(moveBox("nw", BOX, -100, -100, LIMITS), [0, 0, 4, 5]);
  assert.deepEqual(moveBox("se", BOX, 100, 100, LIMITS), [1, 2, 8, 6]);
});

test("sides are hundredths of a cell", () => {
  assert.deepEqual(moveBox("move", BOX, 1 / 3, 2 / 3, LIMITS), [1.33, 2.67, 4.33, 5.67]);
});

test("the box from which a drag began is left as it was", () => {
  moveBox("se", BOX, 1, 1, LIMITS);
  moveSide(BOX, "x1", 0);
  assert.deepEqual(BOX, [1, 2, 4, 5]);
});

test("a slider moves one side, which does not pass the side opposite", () => {
  assert.deepEqual(moveSide(BOX, "x1", 0.25), [0.25, 2, 4, 5]);
  assert.deepEqual(moveSide(BOX, "y2", 5.5), [1, 2, 4, 5.5]);
  assert.deepEqual(moveSide(BOX, "x1", 7.99), [3.95, 2, 4, 5]);
  assert.deepEqual(moveSide(BOX, "y2", 0), [1, 2, 4, 2.05]);
});

test("a point stays within its limits; y comes first", () => {
  /** @type {import("../../assets/stage/geometry.js").Limits} */
  const limits = { y: [-2, 8], x: [-2, 10] };
  assert.deepEqual(pointWithin(5.123, 3.456, limits), [3.46, 5.12]);
  assert.deepEqual(pointWithin(50, -50, limits), [-2, 10]);
});

test("a box is under one handle when its longer side is less than 20 pixels", () => {
  const unit = 2; // drawing units a pixel, 100 a cell: 20 pixels are 0.4 cells
  assert.equal(isUnderOneHandle([0, 0, 0.39, 0.05], unit), true);
  assert.equal(isUnderOneHandle([0, 0, 0.05, 0.41], unit), false);
});

test("a box under its own handles grows from the corner to which it is pulled", () => {
  assert.deepEqual([cornerTowards(-1, -1), cornerTowards(1, -1), cornerTowards(-1, 1), cornerTowards(1, 1)],
    ["nw", "ne", "sw", "se"]);
});

test("a random walk of pulls never leaves the map nor turns the box inside out", () => {
  let seed = 7, box = BOX;
  const random = () => ((seed = (seed * 48271) % 2147483647) / 2147483647) * 2 - 1;
  const handles = ["move", "nw", "n", "ne", "w", "e", "sw", "s", "se"];
  for (let k = 0; k < 5000; k++) {
    box = moveBox(handles[k % 9], box, random() * 6, random() * 6, LIMITS);
    const [x1, y1, x2, y2] = box;
    assert.ok(x1 >= 0 && y1 >= 0 && x2 <= 8 && y2 <= 6, String(box));
    assert.ok(x2 - x1 > 0.0499 && y2 - y1 > 0.0499, String(box));
  }
});

test("lists are equal when all their numbers are", () => {
  assert.equal(areEqual([1, 2], [1, 2]), true);
  assert.equal(areEqual([1, 2], [1, 3]), false);
  assert.equal(areEqual([], [1]), false);
});
