import assert from "node:assert/strict";
import { test } from "node:test";

import { turn, turnInside } from "../../assets/stage/walk.js";

const STEPS = [{ key: "map" }, { key: "bins" }, { key: "samples" }];
const SIZE = { bins: 6, columns: 3, samples: 4 }; // an output of 2 × 3
/** @param {number} row @param {number} column @param {number} sample */
const at = (row, column, sample) => ({ row, column, sample });

test("a turn goes to the step beside it, and not beyond the first and the last", () => {
  assert.equal(turn(STEPS, "map", 1), "bins");
  assert.equal(turn(STEPS, "bins", -1), "map");
  assert.equal(turn(STEPS, "map", -1), "map");
  assert.equal(turn(STEPS, "samples", 1), "samples");
});

test("a step that goes through nothing is left at once", () => {
  assert.equal(turnInside(undefined, at(0, 0, 0), 1, SIZE), null);
});

test("from bin to bin in reading order", () => {
  assert.deepEqual(turnInside("bin", at(0, 2, 3), 1, SIZE), at(1, 0, 0));
  assert.deepEqual(turnInside("bin", at(1, 0, 2), -1, SIZE), at(0, 2, 0));
});

test("after the last bin and before the first the walk goes on to another step", () => {
  assert.equal(turnInside("bin", at(1, 2, 0), 1, SIZE), null);
  assert.equal(turnInside("bin", at(0, 0, 0), -1, SIZE), null);
});

test("from sample point to sample point, then to the first of the next bin or the last of the bin before", () => {
  assert.deepEqual(turnInside("sample", at(0, 0, 2), 1, SIZE), at(0, 0, 3));
  assert.deepEqual(turnInside("sample", at(0, 0, 3), 1, SIZE), at(0, 1, 0));
  assert.deepEqual(turnInside("sample", at(0, 1, 0), -1, SIZE), at(0, 0, 3));
  assert.equal(turnInside("sample", at(1, 2, 3), 1, SIZE), null);
  assert.equal(turnInside("sample", at(0, 0, 0), -1, SIZE), null);
});

test("a bin without sample points is passed by", () => {
  assert.deepEqual(turnInside("sample", at(0, 0, 0), 1, { ...SIZE, samples: 0 }), at(0, 1, 0));
  assert.deepEqual(turnInside("sample", at(0, 1, 0), -1, { ...SIZE, samples: 0 }), at(0, 0, 0));
});

test("forward through every sample point of every bin, once each", () => {
  /** @type {import("../../assets/stage/wire.js").Focus | null} */
  let focus = at(0, 0, 0);
  const seen = [];
  for (; focus; focus = turnInside("sample", focus, 1, SIZE)) seen.push(Object.values(focus).join());
  assert.equal(seen.length, 24);
  assert.equal(new Set(seen).size, 24);
  assert.equal(seen.at(-1), "1,2,3");
});
