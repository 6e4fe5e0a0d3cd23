import assert from "node:assert/strict";
import { test } from "node:test";

import { nearest, reader, RecordedConnection } from "../../assets/stage/recording.js";

/** @typedef {import("../../assets/stage/wire.js").Update} Update */

test("a list is read by the places of its values, an object by those of its names too", () => {
  const read = reader({ names: [["a", "b"]], pool: ["x", 7, [-1, 1, 0], [0, 0, 2]] });
  assert.deepEqual(read(3), { a: "x", b: [7, "x"] });
});

test("of a step the nearest place comes first, then the bin, then the sample point", () => {
  const records = [[0, 0, 0, 0, 2], [0, 0, 1, 0, 2.5], [0, 0, 1, 3, 2.5], [0, 1, 1, 0, 2.5], [1, 0, 1, 0, 2]];
  assert.equal(nearest(records, [0, 1, 1, 0, 2.1]), records[0]);
  assert.equal(nearest(records, [0, 1, 1, 2, 2.4]), records[3]);
  assert.equal(nearest(records, [0, 0, 1, 3, 9]), records[2]);
  assert.equal(nearest(records, [0, 0, 1, 2, 9]), records[1], "no such sample point: the first of its bin");
  assert.equal(nearest(records, [1, 1, 1, 1, 9]), records[4]);
});

/** Two parts: one with two steps and a side at 2 and 3, and one that stands. */
function makeConnection() {
  const answers = ["a", "b", "c", "一", "二", "三"], stills = ["still", "静"];
  const recording = {
    languages: ["en", "zh"], names: [["sentence"]],
    pool: [...answers, ...stills, ...answers.map((_, k) => [0, k])],
    parts: [
      { axis: "y1", steps: ["map", "snap"], start: [0, 0, 1, 0, 2], stills: { en: 6, zh: 7 },
        records: [[0, 0, 1, 0, 2, 8, 11], [0, 0, 1, 0, 3, 9, 12], [1, 0, 1, 0, 2, 10, 13]] },
      { axis: "", steps: ["max"], start: [0, 0, 0, 0, 0], stills: { en: 6, zh: 7 }, records: [[0, 0, 0, 0, 0, 8, 8]] },
    ],
  };
  const seen = /** @type {Update[]} */ ([]);
  const connection = new RecordedConnection(/** @type {any} */ (recording), "en", (update) => seen.push(update));
  return { connection, seen };
}

test("what a person does is answered from the recording, in order", async () => {
  const { connection, seen } = makeConnection();
  connection.ask({ seq: 1, have: null, box: [0, 2.8, 4, 4] });
  connection.ask({ seq: 2, have: null, step: "snap" });
  connection.ask({ seq: 3, have: null, language: "zh", focus: { row: 9, column: 9, sample: 9 } });
  connection.ask({ seq: 4, have: null, go_to: "part-2" });
  await Promise.resolve();
  assert.deepEqual(seen.map(({ ack }) => ack), [1, 2, 3, 4]);
});

test("each answer has its words, its step and what is looked at", () => {
  const { connection } = makeConnection();
  connection.follow({ seq: 1, have: null, box: [0, 2.8, 4, 4] });
  assert.deepEqual(connection.answer(1), {
    sentence: "b", step: "map", focus: [0, 1, 0], pinned: [0, 1, 0], still_id: "0 en", still: "still", address: "", ack: 1,
  });
  connection.follow({ seq: 2, have: null, step: "snap", language: "zh" });
  assert.equal(/** @type {any} */ (connection.answer(2)).sentence, "三", "recorded at 2 alone");
  connection.follow({ seq: 3, have: null, step: "nowhere", language: "xx" });
  assert.equal(connection.answer(3).step, "snap");
});
