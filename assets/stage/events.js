/** Events that wait are merged into one; which of them only look, and so change nothing that is kept. */

/** @typedef {import("./wire.js").StageEvent} StageEvent */

const ONLY_LOOKING = new Set(["box", "point", "focus", "guess"]);

/**
 * Two events as one: the later wins, and options that were set in both are all set.
 *
 * @param {StageEvent | null} earlier @param {StageEvent} later
 * @returns {StageEvent}
 */
export function mergeEvents(earlier, later) {
  const merged = { ...earlier, ...later };
  if (earlier?.set && later.set) merged.set = { ...earlier.set, ...later.set };
  return merged;
}

/** Does an event say only what is looked at? @param {StageEvent} event */
export const onlyLooks = (event) => Object.keys(event).every((name) => ONLY_LOOKING.has(name));
