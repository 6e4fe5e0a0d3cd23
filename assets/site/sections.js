/**
 * The sections under a stage that Python makes: those that are the same for everybody when the site is built, each other
 * when it is seen, when something is chosen in it, and where it follows the stage, when that comes to rest. `roialign_lab/site/sections.py` says what is in them.
 */

import { drawCharts, purgeCharts } from "./charts.js";

/** @typedef {{ html: string, charts: import("./charts.js").Chart[], again: boolean }} Made */

/**
 * What the sections need of the page.
 *
 * @typedef {object} Page
 * @property {(name: string, chosen: string) => Promise<Made>} ask  of Python
 * @property {() => boolean} isOpen  is Python there?
 * @property {URL} charts  the script that draws them
 * @property {() => string} noCharts  what is said when it does not come
 */

export class Sections {
  /** @param {HTMLElement} root @param {Page} page */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    /** @type {Set<HTMLElement>} whose result is on the screen */
    this.seen = new Set();
    /** @type {WeakMap<HTMLElement, string>} what each was asked with */
    this.asked = new WeakMap();
    /** @type {WeakMap<HTMLElement, Made>} what was drawn in each */
    this.made = new WeakMap();
    /** @type {Set<HTMLElement>} whose charts have the colours of the other theme */
    this.faded = new Set();
    this.observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.notice(/** @type {HTMLElement} */ (target), isIntersecting);
    });
    root.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLElement && target.matches("[data-value]") && !this.formOf(target)) this.fill(sectionOf(target));
    });
    root.addEventListener("click", ({ target }) => {
      const button = target instanceof Element && /** @type {HTMLElement | null} */ (target.closest("[data-do]"));
      if (button) this.fill(sectionOf(button), button.dataset.do);
    });
  }

  /** A section with a button that begins: its fields wait for that. @param {HTMLElement} field */
  formOf(field) {
    return sectionOf(field)?.querySelector('[data-do="run"]');
  }

  /** The page has other sections now. @param {string} html */
  replace(html) {
    this.observer.disconnect();
    this.seen.clear();
    this.faded.clear();
    purgeCharts(this.root);
    this.root.innerHTML = html;
    for (const result of this.root.querySelectorAll(".site-result")) this.observer.observe(result);
  }

  /** The stage came to rest, or Python is there. */
  follow() {
    for (const section of this.root.querySelectorAll("[data-follows]")) this.asked.delete(/** @type {HTMLElement} */ (section));
    for (const section of this.seen) if (!this.asked.has(section)) this.fill(section);
  }

  /** The theme changed: charts have colours that the style does not know. */
  recolor() {
    for (const section of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-section]"))) this.faded.add(section);
    for (const section of this.seen) this.refresh(section);
  }

  /** A chart that nobody sees has no size: its colours wait. @param {HTMLElement} section */
  refresh(section) {
    const isFaded = this.faded.delete(section), made = this.made.get(section);
    if (isFaded && made?.charts.length) this.draw(section, made);
  }

  /** @param {HTMLElement} result @param {boolean} isSeen */
  notice(result, isSeen) {
    const section = sectionOf(result);
    if (!section) return;
    if (!isSeen) this.seen.delete(section);
    else {
      this.seen.add(section);
      if (!this.asked.has(section)) this.fill(section);
      this.refresh(section);
    }
  }

  /** @param {HTMLElement | null} section @param {string} [pressed] */
  async fill(section, pressed) {
    if (!section) return;
    if (section.dataset.built) {
      this.asked.set(section, "built");
      return this.draw(section, JSON.parse(section.dataset.built));
    }
    if (!this.page.isOpen()) return;
    /** @type {Record<string, string>} */
    const chosen = pressed ? { do: pressed } : {};
    for (const field of section.querySelectorAll("[data-value]")) {
      const { value, dataset } = /** @type {HTMLInputElement} */ (field);
      chosen[dataset.value ?? ""] = value;
    }
    const turn = `${section.dataset.section} ${performance.now()}`;
    this.asked.set(section, turn);
    const made = await this.page.ask(section.dataset.section ?? "", JSON.stringify(chosen)).catch(() => null);
    if (!section.isConnected || this.asked.get(section) !== turn) return; // it was asked again
    if (!made) return void this.asked.delete(section);
    this.draw(section, made);
    if (made.again) this.fill(section);
  }

  /** @param {HTMLElement} section @param {Made} made */
  draw(section, made) {
    const { html, charts } = made;
    this.made.set(section, made);
    const result = /** @type {HTMLElement | null} */ (section.querySelector(".site-result"));
    if (!result) return;
    const isSame = result.dataset.html === html && charts.length; // a chart that is there keeps how it was turned
    if (!isSame) {
      purgeCharts(result);
      result.innerHTML = html;
    }
    result.dataset.html = charts.length ? html : "";
    if (!charts.length) return;
    drawCharts(result, charts, this.page.charts).catch((error) => {
      console.error(error);
      purgeCharts(result);
      result.textContent = this.page.noCharts();
    });
  }
}

/** @param {Element} element */
function sectionOf(element) {
  return /** @type {HTMLElement | null} */ (element.closest("[data-section]"));
}
