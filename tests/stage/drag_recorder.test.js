import assert from "node:assert/strict";
import { test } from "node:test";

import { DragRecorder } from "../../assets/stage/drag_recorder.js";

test("positions are kept from the start to the stop, and none before", () => {
  const recorder = new DragRecorder();
  recorder.note([0, 0, 9, 9], "one");
  recorder.start([0, 0, 1, 1], "one");
  recorder.note([0, 0, 2, 1], "one");
  assert.deepEqual(recorder.stop("one"), [[0, 0, 1, 1], [0, 0, 2, 1]]);
  assert.equal(recorder.path, null);
});

test("on another map it begins anew: positions are in cells of one map", () => {
  const recorder = new DragRecorder();
  recorder.start([0, 0, 1, 1], "one");
  recorder.note([0, 0, 2, 1], "one");
  recorder.note([5, 5, 6, 6], "two");
  recorder.note([5, 5, 7, 6], "two");
  assert.deepEqual(recorder.stop("two"), [[5, 5, 6, 6], [5, 5, 7, 6]]);
  recorder.start([0, 0, 1, 1], "one");
  recorder.note([0, 0, 2, 1], "one");
  assert.deepEqual(recorder.stop("two"), [], "the map was changed since");
});

test("a long drag is kept to its end: every second position gives way", () => {
  const recorder = new DragRecorder();
  recorder.start([0, 0, 1, 1], "one");
  for (let k = 1; k <= 2000; k++) recorder.note([0, 0, 1 + k / 1000, 1], "one");
  const path = recorder.stop("one");
  assert.equal(path.length, 1001);
  assert.deepEqual([path[0][2], path[1][2], path[999][2], path[1000][2]], [1, 1.002, 2.998, 3]);
});
