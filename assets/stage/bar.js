/** Title, the way to the other pages, the language, sharing and presenting. */

import { addHtml, setAttributes } from "./dom.js";
import { fillScreen } from "./present.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Still} Still */

export class Bar {
  /** @param {HTMLElement} host @param {Stage} stage @param {Still} still */
  constructor(host, stage, { bar, words, presenting, panels }) {
    this.stage = stage;
    this.turns = bar.turns;
    const root = this.root = addHtml(host, "header", { class: "roi-bar" });
    addHtml(root, "h1", {}, bar.title);
    const menu = addHtml(root, "nav", { class: "roi-menu", "aria-label": words.pages });
    this.links = bar.pages.map(([name, label, address]) => {
      const link = addHtml(menu, "a", {}, label);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab, as anywhere
        event.preventDefault();
        stage.leave(name, link.href);
      });
      return { link, name, address };
    });
    if (bar.languages.length) this.makeLanguages(root, bar.languages);
    const quiet = { type: "button", class: "roi-lesson-link" };
    const share = addHtml(root, "button", { ...quiet, "data-testid": "share", title: words.share_title }, words.share);
    share.addEventListener("click", () => stage.openShare());
    if (panels.length || presenting) this.makePresent(root, quiet, presenting);
    if (bar.lead) addHtml(host, "p", { class: "roi-lead" }, bar.lead);
  }

  /** @param {HTMLElement} root @param {Record<string, string>} look @param {boolean} presenting */
  makePresent(root, look, presenting) {
    const { stage } = this, { words } = stage;
    const button = addHtml(root, "button", {
      ...look, "data-testid": "present", "aria-pressed": presenting, title: words.present_keys,
    }, presenting ? words.present_end : words.present);
    button.addEventListener("click", () => {
      if (presenting) return stage.presenter.end();
      fillScreen();
      stage.report({ present: true, commit: true });
    });
  }

  /** @param {HTMLElement} root @param {import("./wire.js").Choice[]} languages */
  makeLanguages(root, languages) {
    const { words } = this.stage;
    const row = addHtml(root, "div", { class: "roi-choices", role: "group", "aria-label": words.language_name });
    for (const [language, label] of languages) {
      const button = addHtml(row, "button", {
        type: "button", "data-testid": `lang-${language}`, lang: language, "aria-pressed": language === words.language,
      }, label);
      button.addEventListener("click", () => this.stage.report({ language, commit: true }));
    }
  }

  /** A link to another page, for a new tab, says where this one stands. The photo has a map and a box of its own.
   * @param {Still} still @param {string} address */
  drawLinks(still, address) {
    for (const { link, name, address: page } of this.links) {
      setAttributes(link, { href: this.addressOn(still, name, page, address) });
    }
  }

  /** @param {Still} still @param {string} name @param {string} page  its address @param {string} address  of this one */
  addressOn(still, name, page, address) {
    const isApart = name === "image" || still.page === "image";
    const query = new URLSearchParams(isApart ? { lang: still.words.language } : address);
    query.delete("step");
    return `${page}?${query}`;
  }

  /** To the page before this one or after it, where there is one. @param {1 | -1} by */
  turnPage(by) {
    const { stage } = this, page = this.turns[by > 0 ? 1 : 0];
    if (!page || !stage.still) return;
    const [name, address] = page, query = new URLSearchParams(this.addressOn(stage.still, name, address, stage.address).split("?")[1]);
    query.set("present", "1");
    stage.leave(name, `${address}?${query}`, { turn: by });
  }
}
