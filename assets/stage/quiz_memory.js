/** What was answered, kept in this browser: a page that is opened again tells Python. */

/** @typedef {import("./events.js").StageEvent} StageEvent */

const NAME = "roialign-lab quiz "; // and the number of the questions
const LONGEST = 4000; // characters of what is taken for answers

/** @type {string} what Python was told last */
let told = "";

/** Keep the answers that Python knows; tell it those that it does not know. @param {number} seed
 * @param {Record<string, string>} labels @param {(event: StageEvent) => void} report
 * @param {Pick<Storage, "getItem" | "setItem">} [storage] */
export function remember(seed, labels, report, storage) {
  const name = NAME + seed, kept = parsed(attempt(() => (storage ?? localStorage).getItem(name)));
  const now = JSON.stringify(kept), all = JSON.stringify({ ...kept, ...labels });
  if (all !== now) attempt(() => (storage ?? localStorage).setItem(name, all));
  if (told === name + now || Object.keys(kept).every((key) => key in labels)) return;
  told = name + now;
  report({ kept: { seed, labels: kept } });
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
