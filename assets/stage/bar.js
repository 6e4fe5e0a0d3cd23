/** Title, the way to the other pages and along the path, the language, sharing and presenting. */

import { addHtml, setAttributes } from "./dom.js";
import { fillScreen } from "./present.js";
import { openShare } from "./share.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Still} Still */
/** @typedef {import("./wire.js").PageLink} PageLink */

/** A link to another page: Python takes along what is looked at. */
export class LinkToPage {
  /** @param {HTMLElement} host @param {Stage} stage @param {PageLink} page
   * @param {{ take?: boolean, small?: boolean, step?: string, look?: Record<string, string> }} [more]  `take`: with the
   *   map and the box of this page; `small`: with the small map; `step`: of its walk, to be opened */
  constructor(host, stage, [name, label, address], { take = false, small = false, step = "", look = {} } = {}) {
    this.name = name;
    this.address = address;
    this.take = take;
    this.step = step;
    this.node = addHtml(host, "a", look, label);
    this.node.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab, as anywhere
      event.preventDefault();
      if (name !== stage.still?.page) {
        stage.requests.leave(name, this.node.href, { ...(take && { take }), ...(small && { small }), ...(step && { at_step: step }) });
      }
    });
  }

  /** For a new tab the link says where this page stands.
   * @param {Still} still @param {string} address */
  draw(still, address) {
    const query = queryOf(this.name, still, address, this.take);
    if (this.step) query.set("step", this.step);
    setAttributes(this.node, { href: `${this.address}?${query}` });
  }
}

const APART = ["image", "network"]; // pages with a map and a box of their own

/** What a link to a page says of where this page stands.
 * @param {string} name  of the page @param {Still} still @param {string} address  of this page
 * @param {boolean} take  with the map and the box of this page */
function queryOf(name, { page, words }, address, take) {
  const isApart = !take && (APART.includes(name) || APART.includes(page)) && name !== page;
  const query = new URLSearchParams(isApart ? { lang: words.language } : address);
  if (name !== page) query.delete("step");
  return query;
}

export class Bar {
  /** @param {HTMLElement} host @param {Stage} stage @param {Still} still */
  constructor(host, stage, { page, bar, words, presenting }) {
    this.stage = stage;
    this.bar = bar;
    this.isInSight = false; // the open page, in the menu
    const skip = addHtml(host, "a", { class: "roi-skip", href: "#", "data-testid": "skip" }, words.skip);
    skip.addEventListener("click", (event) => {
      event.preventDefault();
      stage.view?.focusPicture();
    });
    skip.hidden = stage.kind === "plain";
    const root = this.root = addHtml(host, "header", { class: "roi-bar" });
    addHtml(root, "h1", bar.position ? { class: "roi-counted" } : {}, bar.title);
    if (bar.position) addHtml(root, "span", { class: "roi-position", "data-testid": "position" }, bar.position);
    /** @type {LinkToPage[]} */
    this.links = bar.pages.length ? this.makeMenu(root, page, bar) : [];
    if (bar.languages.length) this.makeLanguages(root, bar.languages);
    const quiet = { type: "button", class: "roi-lesson-link" };
    const share = addHtml(root, "button", { ...quiet, "data-testid": "share", title: words.share_title }, words.share);
    share.addEventListener("click", () => openShare(stage));
    if (presenting) this.makePresent(this.makePages(root), {}, true);
    else if (stage.kind !== "plain") this.makePresent(root, quiet, false);
    if (bar.lead) addHtml(host, "p", { class: "roi-lead" }, bar.lead);
  }

  /** @param {HTMLElement} root @param {Record<string, string>} look @param {boolean} presenting */
  makePresent(root, look, presenting) {
    const { stage } = this, { words } = stage;
    const button = addHtml(root, "button", {
      ...look, type: "button", "data-testid": "present", "aria-pressed": presenting, title: words.present_keys,
    }, presenting ? words.present_end : words.present);
    button.addEventListener("click", () => {
      if (presenting) return stage.presenter.end();
      fillScreen();
      stage.report({ present: true, commit: true });
    });
  }

  /** In a lecture, for a hand without a clicker: to the page before and to the next. @param {HTMLElement} root */
  makePages(root) {
    const { stage: { words }, bar: { before, next } } = this, row = addHtml(root, "div", { class: "roi-choices roi-pages" });
    const turns = /** @type {const} */ ([["page-before", "‹", words.page_before, -1], ["page-after", "›", words.page_after, 1]]);
    for (const [name, sign, label, by] of before || next.length ? turns : []) {
      const button = addHtml(row, "button", { type: "button", "data-testid": name, "aria-label": label, title: label }, sign);
      button.disabled = !(by > 0 ? next.length : before);
      button.addEventListener("click", () => this.turnPage(by));
    }
    return row;
  }

  /** All pages in one order, the open one marked in its place; a group of its own for what can be left out.
   * @param {HTMLElement} root @param {string} page @param {Still["bar"]} bar */
  makeMenu(root, page, { pages, further }) {
    const { stage } = this, { words } = stage;
    const menu = addHtml(root, "nav", { class: "roi-menu", "aria-label": words.pages });
    /** @type {HTMLElement | null} */
    let group = null;
    return pages.map((link) => {
      const [name] = link, isFurther = further.includes(name);
      if (isFurther) group ??= makeGroup(menu, words.further, further.includes(page));
      /** @type {Record<string, string>} */
      const look = name === page ? { "aria-current": "page" } : {};
      return new LinkToPage(isFurther && group ? group : menu, stage, link, { look });
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

  /** On a narrow screen the menu scrolls: to the page that is open. @param {Still} still @param {string} address */
  drawLinks(still, address) {
    for (const link of this.links) link.draw(still, address);
    if (this.isInSight) return;
    this.isInSight = true;
    const here = this.links.find(({ name }) => name === still.page)?.node, menu = here?.closest(".roi-menu");
    if (!here || !menu) return;
    const left = here.getBoundingClientRect().left - menu.getBoundingClientRect().left;
    menu.scrollLeft += left - (menu.clientWidth - here.offsetWidth) / 2;
  }

  /** To the page before this one or after it on the path, where there is one. @param {1 | -1} by */
  turnPage(by) {
    const { stage } = this, { before, next: [next] } = this.bar, page = by > 0 ? next?.page : before;
    if (!page || !stage.still) return;
    const take = by > 0 && next.take, small = by > 0 && next.small, query = queryOf(page[0], stage.still, stage.address, take);
    query.set("present", "1");
    stage.requests.leave(page[0], `${page[2]}?${query}`, { turn: by, take, small });
  }
}

/** A button of the menu that opens a few more links. @param {HTMLElement} menu @param {string} label
 * @param {boolean} isHere  is the open page one of them? */
function makeGroup(menu, label, isHere) {
  const root = addHtml(menu, "div", { class: "roi-further" });
  const button = addHtml(root, "button", {
    type: "button", "data-testid": "further", "aria-expanded": false, class: isHere ? "roi-here" : "",
  }, label);
  const group = addHtml(root, "div", { class: "roi-further-pages", role: "group", "aria-label": label });
  /** @param {boolean} isOpen */
  const open = (isOpen) => setAttributes(button, { "aria-expanded": isOpen });
  button.addEventListener("click", () => open(button.getAttribute("aria-expanded") !== "true"));
  root.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node) || !root.contains(relatedTarget)) open(false);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open(false);
    button.focus();
  });
  return group;
}

/** The way on along the path: after the last step of a walk, or always on a page without. */
export class Onward {
  /** @param {HTMLElement} host @param {Stage} stage @param {Still} still */
  constructor(host, stage, { bar }) {
    this.root = addHtml(host, "nav", { class: "roi-onward", "aria-label": stage.words.onward });
    this.links = bar.next.map(({ page, take, small }, k) => new LinkToPage(this.root, stage, page, {
      take, small, look: { "data-testid": k ? `next-${page[0]}` : "next-page", class: k ? "roi-next-skip" : "roi-next" },
    }));
  }

  /** @param {boolean} isShown */
  show(isShown) {
    this.root.hidden = !isShown || !this.links.length;
  }
}
