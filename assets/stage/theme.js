/** The theme of the page: what its colour scheme says, which Streamlit, a notebook or the system chooses. */

const ASKED_OF_SYSTEM = "(prefers-color-scheme: dark)";
const TOLD_BY = ["class", "style", "data-jp-theme-light"]; // attributes that another theme changes

export class Theme {
  /** Sets the attribute that the inks of the style look for, on the host too: it can be in a shadow root. @param {Element} host @param {() => void} onchange */
  constructor(host, onchange) {
    this.host = host;
    this.onchange = onchange;
    this.system = matchMedia(ASKED_OF_SYSTEM);
    this.look = () => this.follow();
    this.watch = new MutationObserver(this.look);
    const page = document.documentElement, nodes = new Set([page, document.body, host.closest(".stApp") ?? host]);
    for (const node of nodes) this.watch.observe(node, { attributeFilter: TOLD_BY });
    this.system.addEventListener("change", this.look);
    this.isDark = this.read();
    this.mark();
  }

  end() {
    this.watch.disconnect();
    this.system.removeEventListener("change", this.look);
  }

  /** Is the page dark? */
  read() {
    const { colorScheme } = getComputedStyle(this.host), canBeDark = colorScheme.includes("dark");
    return canBeDark && colorScheme.includes("light") ? this.system.matches : canBeDark;
  }

  mark() {
    for (const node of [document.documentElement, this.host]) node.toggleAttribute("data-roi-dark", this.isDark);
  }

  follow() {
    if (!this.host.isConnected || this.read() === this.isDark) return;
    this.isDark = !this.isDark;
    this.mark();
    this.onchange();
  }
}
