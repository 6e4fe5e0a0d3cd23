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

const INKS = { low: ["#ffffff", "#000000"], high: ["#0000ff", "#00ffff"], on_low: ["a", "b"], on_high: ["c", "d"], switch_level: [60, 40] };

test("a cell is between the two inks of its theme; no value has no colour", () => {
  const [light, dark] = [false, true].map((isDark) => new Palette(/** @type {any} */ (INKS), isDark));
  assert.equal(light.cellColor("25"), "rgb(191, 191, 255)");
  assert.equal(dark.cellColor("25"), "rgb(0, 64, 64)");
  assert.equal(light.cellColor("-"), "transparent");
});

test("a number takes the ink for high levels from another level on in each theme", () => {
  const written = [false, true].map((isDark) =>
    ["39", "40", "60", "-"].map((level) => new Palette(/** @type {any} */ (INKS), isDark).numberColor(level)));
  assert.deepEqual(written, [["a", "a", "c", "a"], ["b", "d", "d", "b"]]);
});
