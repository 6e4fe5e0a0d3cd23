/** The controls under the picture: what is chosen goes to Python as the address would say it. */

import { addHtml, focusedAround, interpolate, setAttributes, setText } from "./dom.js";
import { clamp } from "./geometry.js";

/** @typedef {import("./wire.js").Control} Control */
/** @typedef {import("./stage.js").Stage} Stage */

/** A row of buttons, or one or two menus, and a number where a map takes one. */
class ControlGroup {
  /** @param {HTMLElement} bar @param {Control} control @param {Stage} stage */
  constructor(bar, control, stage) {
    this.control = control;
    this.stage = stage;
    this.root = addHtml(bar, "div", {
      class: `roi-control roi-control-${control.name}`, role: "group", "aria-label": control.title, title: control.title,
    });
    if (control.label) addHtml(this.root, "span", { class: "roi-label", "aria-hidden": "true" }, control.label);
    /** @type {{ button: HTMLButtonElement, value: string }[]} */
    this.buttons = [];
    /** @type {{ menu: HTMLSelectElement, options: string }[]} */
    this.menus = [];
    control.parts.forEach((choices, part) => {
      if (part) addHtml(this.root, "span", { class: "roi-label", "aria-hidden": "true" }, stage.words.by);
      if (control.buttons) this.makeButtons(choices, part);
      else this.makeMenu(part);
    });
    /** @type {HTMLElement | null} what the number is */
    this.unit = null;
    this.number = control.name === "map" ? this.makeNumber() : null;
  }

  /** @param {import("./wire.js").Choice[]} choices @param {number} part */
  makeButtons(choices, part) {
    const row = addHtml(this.root, "div", { class: "roi-choices" });
    for (const [value, label] of choices) {
      const button = addHtml(row, "button", { type: "button", "data-testid": `${this.control.name}-${value}` }, label);
      button.addEventListener("click", () => this.choose(value, part));
      this.buttons.push({ button, value });
    }
  }

  /** @param {number} part */
  makeMenu(part) {
    const { name, title } = this.control;
    const menu = addHtml(this.root, "select", { "aria-label": title, "data-testid": `${name}-${part}` });
    menu.addEventListener("change", () => this.choose(menu.value, part));
    this.menus.push({ menu, options: "" });
  }

  makeNumber() {
    this.unit = addHtml(this.root, "span", { class: "roi-label", "aria-hidden": "true" });
    const input = addHtml(this.root, "input", { type: "number", min: 0, step: 1, "data-testid": "map-seed" });
    input.addEventListener("change", () => {
      const map = this.menus[0].menu.value, [most] = this.control.numbered?.[map] ?? [0];
      const number = clamp(Math.round(Number(input.value) || 0), 0, most);
      this.stage.report({ set: { map: `${map}-${number}` }, commit: true });
    });
    return input;
  }

  /** @param {string} value @param {number} part */
  choose(value, part) {
    const { control, stage } = this, { name } = control;
    if (name === "example") {
      if (value) stage.report({ example: value, commit: true });
      return;
    }
    const values = control.now.map((now, k) => this.menus[k]?.menu.value ?? now); // a choice not answered yet counts
    values[part] = value;
    const most = control.numbered?.[value]?.[0];
    if (most !== undefined) values[0] += `-${clamp(control.number ?? 1, 0, most)}`;
    stage.report({ set: { [name]: values.join(",") }, commit: true });
  }

  /** @param {Control} control */
  draw(control) {
    this.control = control;
    const { now, name, title } = control;
    for (const { button, value } of this.buttons) setAttributes(button, { "aria-pressed": value === now[0] });
    this.menus.forEach((item, part) => {
      const { menu } = item, options = JSON.stringify(control.parts[part]);
      if (item.options !== options) {
        item.options = options;
        menu.replaceChildren();
        if (name === "example") addHtml(menu, "option", { value: "" }, title);
        for (const [value, label] of control.parts[part]) addHtml(menu, "option", { value }, label);
      }
      menu.value = now[part];
      menu.disabled = control.idle;
      menu.hidden = control.parts.length > 1 && control.parts[part].length === 1; // there is nothing to choose
    });
    if (!this.number || !this.unit) return;
    const [most, label, short] = control.numbered?.[now[0]] ?? [0, "", ""];
    this.number.style.display = most ? "" : "none";
    setText(this.unit, most ? short : "");
    setAttributes(this.number, { max: most, "aria-label": label, title: label });
    if (focusedAround(this.number) !== this.number) this.number.value = String(control.number ?? 0);
  }
}

/** The controls of a page: the first in one line, the rest when *More* is pressed, until the page is left. */
export class ControlBar {
  /** @param {HTMLElement} host @param {Stage} stage @param {import("./wire.js").Still} still */
  constructor(host, stage, { controls, words }) {
    this.words = words;
    this.root = addHtml(host, "div", { class: "roi-controls", role: "group", "aria-label": words.controls });
    const first = controls.filter(({ more }) => !more), rest = controls.slice(first.length);
    this.groups = first.map((control) => new ControlGroup(this.root, control, stage));
    /** @type {HTMLButtonElement | null} */
    this.more = null;
    if (!rest.length) return;
    this.more = addHtml(this.root, "button", {
      type: "button", class: "roi-more", "data-testid": "more", "aria-controls": "roi-rest", title: words.more_title,
    });
    const box = addHtml(this.root, "div", { class: "roi-rest", id: "roi-rest" });
    this.groups.push(...rest.map((control) => new ControlGroup(box, control, stage)));
    const { more } = this, { dataset } = stage.root; // what stays when the words change
    const show = () => {
      setAttributes(more, { "aria-expanded": dataset.more === "open" });
      box.hidden = dataset.more !== "open";
    };
    more.addEventListener("click", () => {
      dataset.more = dataset.more === "open" ? "" : "open";
      show();
    });
    show();
  }

  /** @param {Control[]} controls */
  draw(controls) {
    this.groups.forEach((group, k) => group.draw(controls[k]));
    if (!this.more) return;
    const count = controls.filter(({ more, changed }) => more && changed).length;
    setText(this.more, count ? interpolate(this.words.more_changed, { count }) : this.words.more);
  }
}
