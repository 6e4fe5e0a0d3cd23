/** A slider for each side of the box, or for y and x of the point. */

import { addHtml, setAttributes, setText } from "./dom.js";

export class Sliders {
  /** @param {HTMLElement} host @param {string[]} names @param {string} prefix  of their names: box or point
   * @param {import("./stage.js").Stage} stage */
  constructor(host, names, prefix, stage) {
    const root = addHtml(host, "div", { class: "roi-sliders" });
    this.sliders = names.map((name) => {
      const label = addHtml(root, "label", { class: "roi-slider" });
      addHtml(label, "span", {}, name);
      const input = addHtml(label, "input", {
        type: "range", step: "0.01", "data-testid": `${prefix}-${name}`, "aria-label": stage.words[`slider_${name}`],
      });
      const shown = addHtml(label, "output");
      input.addEventListener("input", () => stage.slide(name, Number(input.value)));
      input.addEventListener("change", () => stage.commit());
      return { name, input, shown };
    });
  }

  /** @param {readonly number[]} values @param {import("./geometry.js").Limits} limits */
  draw(values, limits) {
    this.sliders.forEach(({ name, input, shown }, k) => {
      const value = values[k], [low, high] = limits[name];
      setAttributes(input, { min: low, max: high });
      if (Number(input.value) !== value) input.value = String(value);
      const at = `${((value - low) / (high - low)) * 100}%`;
      if (input.style.getPropertyValue("--at") !== at) input.style.setProperty("--at", at);
      setText(shown, value.toFixed(2));
    });
  }
}
