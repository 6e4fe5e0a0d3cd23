/** Events that wait are merged into one; which of them only look, and so change nothing that is kept. */

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./wire.js").Point} Point */
/** @typedef {import("./wire.js").Focus} Focus */

/**
 * What a person did. All is optional: events that wait for an answer are merged into one.
 *
 * @typedef {object} StageEvent
 * @property {Box} [box]
 * @property {Point} [point]
 * @property {Focus | null} [focus]  the bin that is looked at
 * @property {boolean} [pin]  it was clicked
 * @property {boolean} [commit]  let go: what is seen belongs in the address
 * @property {string} [step]
 * @property {Record<string, string>} [set]  options, as the address writes them
 * @property {string} [example]
 * @property {string} [go_to]  the page to go to
 * @property {1 | -1} [turn]  it comes after this one, or before it: its walk opens at that end
 * @property {boolean} [take]  with the map and the box of this one
 * @property {boolean} [small]  with the map that the lessons begin with
 * @property {string} [at_step]  of its walk, to be opened
 * @property {string} [figure]  a file format
 * @property {boolean} [figure_wait]
 * @property {Box[]} [recorded]  where the box was in a drag, for a film
 * @property {{ place: string, present: boolean, hide: string[] }} [share]
 * @property {string} [language]
 * @property {boolean} [present]
 * @property {number} [answer]  the choice that answers a question
 * @property {{ question: string, box: Box }} [check]  a box that is to answer it
 * @property {{ seed: number, question: string }} [asked]  the question that the choice or the box is for
 * @property {{ seed: number, labels: Record<string, unknown> }} [kept]  what this browser kept of earlier answers
 * @property {boolean} [others]  other questions, at the end of the quiz
 * @property {{ side: string, from: number }} [nudged]  a side that was moved by half a cell, and where it was
 * @property {Point[]} [guess]  where a step was predicted to be
 * @property {string} [about]  what was asked, besides what the step asks
 * @property {boolean} [lost]  the browser does not have what `still_id` names
 * @property {number} [again]  how often it was sent before
 */

/**
 * An event on its way: with its number and what the browser has; `on` is the map in whose cells its box or point is. For
 * the socket, which page it is and where it stands.
 *
 * @typedef {StageEvent & { seq: number, have: string | null, on?: string, page?: string, address?: string }} SentEvent
 */

const ONLY_LOOKING = new Set(["box", "point", "focus", "guess", "about"]);

/**
 * Two events as one: the later wins, but what was clicked stays where it was clicked; options that were set in both are
 * all set.
 *
 * @param {StageEvent | null} earlier @param {StageEvent} later
 * @returns {StageEvent}
 */
export function mergeEvents(earlier, later) {
  const merged = { ...earlier, ...later };
  if (earlier?.set && later.set) merged.set = { ...earlier.set, ...later.set };
  if (earlier?.pin && !later.pin) merged.focus = earlier.focus;
  return merged;
}

/** Does an event say only what is looked at? @param {StageEvent} event */
export const onlyLooks = (event) => Object.keys(event).every((name) => ONLY_LOOKING.has(name));
