/** Where a turn of the walk leads: to another step, or one level deeper to another bin or sample point of this step. */

import { clamp } from "./geometry.js";

/** @typedef {import("./wire.js").Focus} Focus */

/**
 * The step that many turns away, not beyond the first and the last.
 *
 * @template {{ key: string }} S
 * @param {S[]} steps @param {string} now @param {number} by
 * @returns {string}
 */
export function turn(steps, now, by) {
  const at = steps.findIndex((step) => step.key === now);
  return steps[clamp(at + by, 0, steps.length - 1)].key;
}

/**
 * The next bin or sample point of a step; null where there is none, and the walk goes on to another step.
 *
 * @param {"bin" | "sample" | undefined} level  what this step goes through
 * @param {Focus} focus @param {number} by  1 or -1
 * @param {{ bins: number, columns: number, samples: number }} size  of the output, and of the bin that is looked at
 * @returns {Focus | null}
 */
export function turnInside(level, focus, by, { bins, columns, samples }) {
  if (!level) return null;
  let bin = focus.row * columns + focus.column;
  let sample = level === "sample" ? focus.sample + by : -1;
  if (level === "bin" || sample < 0 || sample >= samples) {
    bin += by;
    if (bin < 0 || bin >= bins) return null;
    sample = level === "sample" && by < 0 ? Math.max(samples - 1, 0) : 0;
  }
  return { row: Math.floor(bin / columns), column: bin % columns, sample };
}
