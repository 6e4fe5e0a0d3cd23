/** A slider for each side of the box, or for y and x of the point. */

import { addHtml, setAttributes, setText } from "./dom.js";
import { isRecorded } from "./handles.js";

const FINE = 0.01; // cells

export class Sliders {
  /** @param {HTMLElement} host @param {string[]} names @param {string} prefix  of their names: box or point
   * @param {import("./stage.js").Stage} stage */
  constructor(host, names, prefix, stage) {
    const root = addHtml(host, "div", { class: "roi-sliders" }), { limits } = stage, isAlone = isRecorded(stage);
    const moved = names.map((name, place) => ({ name, place })).filter(({ name }) => !isAlone || limits[name][0] < limits[name][1]);
    this.sliders = moved.map(({ name, place }) => {
      const label = addHtml(root, "label", { class: "roi-slider" });
      addHtml(label, "span", {}, name);
      const input = addHtml(label, "input", {
        type: "range", step: stage.still?.recorded ?? FINE, "data-testid": `${prefix}-${name}`, "aria-label": stage.words[`slider_${name}`],
      });
      const shown = addHtml(label, "output");
      input.addEventListener("input", () => stage.slide(name, Number(input.value)));
      input.addEventListener("change", () => stage.commit());
      return { name, place, input, shown };
    });
  }

  /** @param {readonly number[]} values @param {import("./geometry.js").Limits} limits */
  draw(values, limits) {
    this.sliders.forEach(({ name, input, shown, place }) => {
      const value = values[place], [low, high] = limits[name];
      setAttributes(input, { min: low, max: high });
      if (Number(input.value) !== value) input.value = String(value);
      const at = `${((value - low) / (high - low)) * 100}%`;
      if (input.style.getPropertyValue("--at") !== at) input.style.setProperty("--at", at);
      setText(shown, value.toFixed(2));
    });
  }
}
