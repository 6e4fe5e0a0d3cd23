import assert from "node:assert/strict";
import { test } from "node:test";

import { mergeEvents, onlyLooks } from "../../assets/stage/events.js";

test("the later event wins, and what only the earlier says stays", () => {
  assert.deepEqual(mergeEvents({ box: [0, 0, 1, 1], commit: true }, { box: [0, 0, 2, 2] }), { box: [0, 0, 2, 2], commit: true });
  assert.deepEqual(mergeEvents(null, { step: "bins" }), { step: "bins" });
});

test("what was clicked stays what was clicked, though the pointer moved on before it was sent", () => {
  const a = { row: 0, column: 0, sample: 0 }, b = { row: 1, column: 1, sample: 0 };
  const click = { focus: a, pin: true, commit: true };
  assert.deepEqual(mergeEvents(click, { focus: b }), click);
  assert.deepEqual(mergeEvents(click, { focus: null, box: [0, 0, 2, 2] }), { ...click, box: [0, 0, 2, 2] });
  assert.deepEqual(mergeEvents(click, { focus: b, pin: true }).focus, b);
});

test("options that were set in both are all set, and the later choice of one counts", () => {
  assert.deepEqual(mergeEvents({ set: { out: "2,2", map: "corner" } }, { set: { out: "3,3" }, commit: true }),
    { set: { out: "3,3", map: "corner" }, commit: true });
});

test("merging leaves both events as they were", () => {
  const earlier = { set: { out: "2" } }, later = { set: { map: "corner" } };
  mergeEvents(earlier, later);
  assert.deepEqual([earlier, later], [{ set: { out: "2" } }, { set: { map: "corner" } }]);
});

test("a box, a point and a bin are only looked at; whatever is kept is not", () => {
  assert.equal(onlyLooks({ box: [0, 0, 1, 1] }), true);
  assert.equal(onlyLooks({ point: [1, 2], focus: { row: 0, column: 0, sample: 0 } }), true);
  assert.equal(onlyLooks({ box: [0, 0, 1, 1], commit: true }), false);
  assert.equal(onlyLooks({ focus: null, again: 1 }), false, "what was lost once goes the sure way");
});
