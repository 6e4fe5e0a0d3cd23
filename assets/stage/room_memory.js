/** What a browser keeps of a room: for this tab which room it is in, for the browser a random number and what makes it the lecturer. */

/** @typedef {{ code: string, isLecturer: boolean }} Place */

/** @typedef {{ code: string, client: string, secret?: string }} Kept */

const TAB = "roialign-lab room", BROWSER = "roialign-lab room of this browser";

/** @type {Kept | null} the same in this tab, for a browser that keeps nothing and where another tab is in another room */
let kept = null;

/** The room of this tab: what the link names (`?room=CODE`, for the lecturer `#lead=SECRET`), else what it was in.
 * @returns {Place | null} */
export function roomOfTab() {
  const code = new URL(location.href).searchParams.get("room")?.toUpperCase();
  const secret = /^#lead=([\w-]{10,60})$/.exec(location.hash)?.[1];
  if (code && secret) {
    keepForBrowser(code, { secret });
    history.replaceState(history.state, "", location.pathname + location.search); // so that no screen shows it
  }
  if (!code) return /** @type {Place | null} */ (read(() => sessionStorage, TAB));
  const place = { code, isLecturer: Boolean(keptOf(code).secret) };
  setRoomOfTab(place);
  return place;
}

/** @param {Place | null} place */
export function setRoomOfTab(place) {
  attempt(() => (place ? sessionStorage.setItem(TAB, JSON.stringify(place)) : sessionStorage.removeItem(TAB)));
}

/** What this browser has of a room; a random number for every room, drawn when it is first in it. @param {string} code
 * @returns {Kept} */
export function keptOf(code) {
  return found(code) ?? keepForBrowser(code, {});
}

/** Only one room is kept for new tabs: the last. @param {string} code @param {{ secret?: string }} more */
export function keepForBrowser(code, more) {
  kept = { client: randomNumber(), ...found(code), code, ...more };
  attempt(() => localStorage.setItem(BROWSER, JSON.stringify(kept)));
  return kept;
}

/** @param {string} code @returns {Kept | null} */
function found(code) {
  const ofBrowser = /** @type {Kept | null} */ (read(() => localStorage, BROWSER));
  return [kept, ofBrowser].find((one) => one?.code === code) ?? null;
}

/** The room of this tab; another tab may be in another one. */
export function forgetRoom() {
  const code = kept?.code;
  setRoomOfTab(null);
  kept = null;
  if (code && found(code)) attempt(() => localStorage.removeItem(BROWSER));
}

/** 128 random bits, as 32 digits. */
export function randomNumber() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A browser may keep nothing. @template T @param {() => T} act */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

/** @param {() => Storage} storage @param {string} name @returns {unknown} */
const read = (storage, name) => attempt(() => JSON.parse(storage().getItem(name) ?? "null"));
