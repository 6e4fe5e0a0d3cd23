import assert from "node:assert/strict";
import { test } from "node:test";

import { crossesPath, filledCrossesPath } from "../../assets/stage/crosses.js";
import { linePath, readLines, readMatrix, readTable, Samples, stairPath, unpackMarks } from "../../assets/stage/unpack.js";

/**
 * One row of two bins with 1 × 2 sample points each, as `figures.scene` packs them for the box (0, 0, 4, 1) on a map of
 * 2 × 4 cells: y = 0.5 in all; x = 0.5, 1.5, 2.5, 3.5, each in the middle of a cell.
 */
const PACKED = {
  y: "0.5 0 1", y_at: "0000", x: "0.5 0 1,1.5 1 2,2.5 2 3,3.5 3 3", x_at: "0123", bin: "0 0 2,0 1 2",
  weights: "rs000000".repeat(4), values: "0.10 0.20 0.30 0.40", wins: "1 2",
};

test("tables are rows of numbers", () => {
  assert.deepEqual(readTable("1 2.5 -3,4"), [[1, 2.5, -3], [4]]);
  assert.deepEqual([readTable(""), readTable(undefined)], [[], []]);
});

test("a sample point with its bin, its four cells, their weights and its value", () => {
  assert.deepEqual(new Samples(PACKED).at(2), {
    number: 2, row: 0, column: 1, place: 0, count: 2, y: 0.5, x: 2.5, weights: [1000, 0, 0, 0], value: "0.30", wins: true,
    cells: [[0, 2], [0, 3], [1, 2], [1, 3]],
  });
});

test("weights are thousandths in two digits of base 36", () => {
  const samples = new Samples({ ...PACKED, bin: "0 0 1", weights: "0c0p8pi2" });
  assert.deepEqual(samples.at(0).weights, [12, 25, 313, 650]); // 0·36 + 12, 0·36 + 25, 8·36 + 25, 18·36 + 2
});

test("the sample points of a bin, and none of a bin that has none", () => {
  const samples = new Samples(PACKED);
  assert.deepEqual(samples.ofBin(0, 1), { start: 2, end: 4 });
  assert.deepEqual(samples.ofBin(1, 0), { start: 0, end: 0 });
  assert.equal(samples.count, 4);
});

test("with more than 36 rows a place takes two digits", () => {
  const x = Array.from({ length: 40 }, (_, k) => `${k}.5 ${k} ${k + 1}`).join();
  const samples = new Samples({ y: "0.5 0 1", y_at: "000", x, x_at: "001013", bin: "0 0 3", values: "a b c" });
  assert.deepEqual([0, 1, 2].map((k) => samples.x(k)), [0.5, 36.5, 39.5]);
});

test("numbers go on from the first one, and whole cells are not interpolated", () => {
  const samples = new Samples({ y: "0.5 0 0", y_at: "0", x: "1.5 1 1", x_at: "0", bin: "0 0 1", first: 8, whole: true });
  assert.equal(samples.at(0).number, 8);
  assert.equal(samples.at(0).weights, null);
  assert.equal(samples.at(0).value, undefined);
  assert.equal(samples.isInterpolated, false);
});

test("the sample point under the pointer is found in data", () => {
  const samples = new Samples(PACKED);
  assert.equal(samples.near(2.4, 0.6, 0.15), 2);
  assert.equal(samples.near(2, 0.5, 0.15), -1);
  assert.equal(samples.near(2.5, 0.7, 0.15), -1);
});

test("no sample points are none", () => {
  const samples = new Samples(undefined);
  assert.deepEqual([samples.count, samples.values, samples.near(0, 0, 1)], [0, [], -1]);
});

test("all × are one path: each begins at its upper left end and has two strokes", () => {
  const path = crossesPath(new Samples({ ...PACKED, bin: "0 0 2" }), 5);
  assert.equal(path, "M45 45l10 10m0-10l-10 10M145 45l10 10m0-10l-10 10");
});

test("small × are filled: two rectangles each, as wide as the lines, whose ends reach half a width further", () => {
  const path = filledCrossesPath(new Samples({ ...PACKED, bin: "0 0 1" }), 5, 2 * Math.SQRT2);
  assert.equal(path, "M45 43l12 12l-2 2l-12-12zm12 2l-12 12l-2-2l12-12z");
});

test("marks: rectangles, lines across a region, arrows, dots, gradients, words", () => {
  const marks = unpackMarks({
    bin: "0 0 2 1,2 0 4 1", split: "0 0 4 2,1,1 2", error: "x1 0.5 1 0 1", gradient: "2 1 3 2 40",
    lerp_x: "1.5 2", corners: "0 3 lb,2 1 rt", output: "0.1 0.2",
    words: {
      error: { size: [0.45, 9, 14], gap: 5, pill: true, each: "-0.50|0 1 rc;0.5 1 lc" },
      value: { size: [0.24, 0], legible: 7, each: "0.30|1.5 2.18 ct\n(0, 1)|2.5 2.18 ct" },
    },
  });
  assert.deepEqual(marks.rectangles.bin, [[0, 0, 2, 1], [2, 0, 4, 1]]);
  assert.deepEqual(marks.rectangles.snapped, []);
  assert.deepEqual(marks.lines.split, [[0, 1, 4, 1], [1, 0, 1, 2], [2, 0, 2, 2]]);
  assert.deepEqual(marks.lines.part, []);
  assert.deepEqual(marks.arrows.error, [{ side: "x1", x0: 0.5, y0: 1, x1: 0, y1: 1 }]);
  assert.deepEqual(marks.gradient, [{ box: [2, 1, 3, 2], level: 40 }]);
  assert.deepEqual(marks.dots.lerp_x, [[1.5, 2]]);
  assert.deepEqual(marks.words.error, {
    size: [0.45, 9, 14], gap: 5, legible: 0, isPill: true,
    texts: [{ text: "-0.50", spots: [{ x: 0, y: 1, part: "rc" }, { x: 0.5, y: 1, part: "lc" }] }],
  });
  assert.deepEqual(marks.words.value.texts.map(({ text }) => text), ["0.30", "(0, 1)"]);
  assert.deepEqual([marks.words.value.legible, marks.words.value.isPill], [7, false]);
  assert.deepEqual(marks.corners, [{ row: 0, column: 3, corner: "lb" }, { row: 2, column: 1, corner: "rt" }]);
});

test("a region without lines has none", () => {
  assert.deepEqual(readLines("0 0 4 2,,"), []);
  assert.deepEqual(readLines(",,"), []);
});

test("a matrix of a small map is seen whole", () => {
  const { rows, first, last, isWhole } = readMatrix("0 0.50 1 0.50,2 0.50 3 0.50", 8, 16);
  assert.deepEqual([first, last, isWhole], [0, 7, true]);
  assert.deepEqual(rows.map((row) => [...row]), [[[0, "0.50"], [1, "0.50"]], [[2, "0.50"], [3, "0.50"]]]);
});

test("of a large map only the cells that some row weighs, and all of them where none does", () => {
  const { first, last, isWhole } = readMatrix("20 1.00,22 0.25 23 0.75", 32, 16);
  assert.deepEqual([first, last, isWhole], [20, 23, false]);
  const empty = readMatrix(",", 32, 16);
  assert.deepEqual([empty.first, empty.last, empty.rows.length], [0, 15, 2]);
});

test("a staircase goes up where its height changes", () => {
  // at position 0 height 0; at position 200 of 400 height 1295 ("zz"): half way across, at the top
  assert.equal(stairPath("00005kzz", 400), "M0 1000.0H500.0V0.0H1000");
});

test("a line goes through a height at every position", () => {
  assert.equal(linePath("00zz00", 2), "M0.0 1000.0L500.0 0.0L1000.0 1000.0");
});
