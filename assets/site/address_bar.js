/**
 * The address bar, which says where the open page stands. Browsers refuse to write it more than a hundred times in half a
 * minute, and an arrow key that is held on a slider is thirty answers a second: after the first of them the newest is
 * written when its turn comes.
 */

/** @typedef {{ history: Pick<History, "pushState" | "replaceState">, location: Pick<Location, "href"> }} Tab */

const AT_ONCE = 20, REST = 400; // so often, then once in so many ms

export class AddressBar {
  /** @param {Tab} tab  the window */
  constructor(tab) {
    this.tab = tab;
    /** @type {string | null} what is to be written */
    this.next = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.last = 0; // when it was written
    this.spent = 0; // of what is written at once
  }

  /** The open page stands there now. @param {URL} address */
  note(address) {
    this.next = address.href;
    if (this.timer === undefined) this.write();
  }

  /** Write what is to be written, before the page is left. */
  write() {
    const { next } = this;
    this.forget();
    if (next === null || next === this.tab.location.href) return;
    this.put("replaceState", next);
    const now = Date.now();
    this.spent = Math.max(0, this.spent - (now - this.last) / REST) + 1;
    this.last = now;
    if (this.spent > AT_ONCE) this.timer = setTimeout(() => {
      this.timer = undefined;
      this.write();
    }, REST);
  }

  /** Another page is open there. @param {URL} address */
  open(address) {
    this.write();
    this.put("pushState", address.href);
  }

  /** Somebody else went elsewhere: what was to be written is of a page that was left. */
  forget() {
    this.next = null;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** @param {"pushState" | "replaceState"} how @param {string} address */
  put(how, address) {
    try {
      this.tab.history[how](null, "", address);
    } catch (error) {
      console.warn(error); // the page goes on without
    }
  }
}
