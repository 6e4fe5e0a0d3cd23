/**
 * The browser's history: one entry a page. Streamlit makes an entry of every change of the address, so that four steps
 * of a walk took four turns of *Back* to leave; here they replace the entry of their page.
 */

/** @typedef {{ history: Pick<History, "pushState" | "replaceState">, location: Pick<Location, "pathname" | "href"> }} Tab */

export class PageHistory {
  /** @param {Tab} tab  the window */
  constructor(tab) {
    this.tab = tab;
    /** @type {{ path: string, address: string } | null} where the open page stands, as it said last */
    this.open = null;
    const { history } = tab;
    const push = history.pushState.bind(history);
    history.pushState = (state, unused, url) => {
      const { location } = tab;
      const { pathname } = new URL(url ?? location.href, location.href);
      if (pathname === location.pathname) return history.replaceState(state, unused, url);
      this.restore(); // before it goes to another page, Streamlit writes the address of that one over this one's
      push(state, unused, url);
    };
  }

  /** The open page says where it stands. @param {string} address  a query string */
  note(address) {
    this.open = { path: this.tab.location.pathname, address };
  }

  restore() {
    const { open, tab: { history, location } } = this;
    if (open && open.path === location.pathname) history.replaceState({}, "", `${open.path}?${open.address}`);
    this.open = null;
  }
}
