/** What was answered, kept in this browser: a page that is opened again tells Python. */

/** @typedef {import("./events.js").StageEvent} StageEvent */

const NAME = "roialign-lab quiz "; // and the number of the questions
const LONGEST = 4000; // characters of what is taken for answers

/** @type {string} what was kept, and what Python knew of it, when a page was drawn last */
let seen = "";

/** Keep the answers that Python knows; tell it those that it does not know, once, and again where it forgot some.
 * @param {number} seed
 * @param {Record<string, string>} labels @param {(event: StageEvent) => void} report
 * @param {Pick<Storage, "getItem" | "setItem">} [storage] */
export function remember(seed, labels, report, storage) {
  const name = NAME + seed, kept = parsed(attempt(() => (storage ?? localStorage).getItem(name)));
  const now = JSON.stringify(kept), all = JSON.stringify({ ...kept, ...labels });
  if (all !== now) attempt(() => (storage ?? localStorage).setItem(name, all));
  const before = seen;
  seen = JSON.stringify([name, all, labels]);
  if (seen !== before && Object.keys(kept).some((key) => !(key in labels))) report({ kept: { seed, labels: kept } });
}

/** A browser may keep nothing, or be full: the quiz goes on without. @template T @param {() => T} act */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

/** @param {string | null} text @returns {Record<string, unknown>} nothing where it is no record */
function parsed(text) {
  if (!text || text.length > LONGEST) return {};
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
