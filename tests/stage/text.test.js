import assert from "node:assert/strict";
import { test } from "node:test";

import { Palette } from "../../assets/stage/colors.js";
import { interpolate } from "../../assets/stage/dom.js";

test("names in braces are replaced; a name without a value stays", () => {
  assert.equal(interpolate("bin ({row}, {column}) of {many}", { row: 0, column: 1 }), "bin (0, 1) of {many}");
  assert.equal(interpolate("{a}{a}", { a: "$&" }), "$&$&", "what is put in is put in as it is");
});

test("a noun goes with its number", () => {
  assert.equal(interpolate("{n} {n|cell|cells}, {m} {m|cell|cells}", { n: 1, m: "2" }), "1 cell, 2 cells");
});

test("a cell is between the two inks of its theme; no value has no colour", () => {
  const palette = new Palette({ low: ["#fff", "#000"], high: ["#00f", "#0ff"], on_low: ["a", "b"], on_high: ["c", "d"], switch_level: [60, 40] });
  assert.equal(palette.cellColor("25"), "color-mix(in srgb, light-dark(#00f, #0ff) 25%, light-dark(#fff, #000))");
  assert.equal(palette.cellColor("-"), "transparent");
});

test("a number takes the ink for high levels from another level on in each theme", () => {
  const palette = new Palette({ low: ["", ""], high: ["", ""], on_low: ["a", "b"], on_high: ["c", "d"], switch_level: [60, 40] });
  assert.deepEqual(["39", "40", "60", "-"].map((level) => palette.numberColor(level)),
    ["light-dark(a, b)", "light-dark(a, d)", "light-dark(c, d)", "light-dark(a, b)"]);
});
