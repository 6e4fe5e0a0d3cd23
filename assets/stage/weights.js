/** Four weights in rows: the neighbour, a bar as long as its weight, the weight, the number that it multiplies. */

import { addHtml, interpolate, setMarkedText, setText } from "./dom.js";

/** The inks of the neighbours, upper left, upper right, lower left, lower right, where a page tells them apart. */
export const CORNER_INKS = ["q11", "q12", "q21", "q22"];

export class WeightRows {
  /** @param {HTMLElement} host */
  constructor(host) {
    const root = addHtml(host, "div", { class: "roi-weights" });
    this.rows = CORNER_INKS.map((ink) => {
      const row = addHtml(root, "div", { class: `roi-weight roi-${ink}` });
      return {
        cell: addHtml(row, "b", { class: "roi-ink-neighbor" }), bar: addHtml(addHtml(row, "i"), "i"),
        weight: addHtml(row, "span"), value: addHtml(row, "span"),
      };
    });
    this.sum = addHtml(root, "div", { class: "roi-sum" });
  }

  /** @param {import("./unpack.js").Sample & { weights: number[] }} chosen @param {import("./panel.js").Panel} panel
   * @param {Record<string, string>} words @param {string[]} [names]  of the neighbours */
  draw({ cells, weights, value }, panel, words, names) {
    const isOutside = weights.every((weight) => weight === 0);
    cells.forEach(([row, column], n) => {
      const line = this.rows[n], place = isOutside ? "–" : `(${row}, ${column})`;
      setText(line.cell, names ? `${names[n]} ${place}` : place);
      line.bar.style.width = `${weights[n] / 10}%`;
      setText(line.weight, (weights[n] / 1000).toFixed(3));
      setText(line.value, isOutside ? "× 0" : `× ${panel.labels[row * (panel.still?.columns ?? 0) + column]}`);
    });
    setMarkedText(this.sum, interpolate(isOutside ? words.outside : words.sum, { value }));
  }
}

/** The table of the page about one point: from the step on that explains the weights. */
export class PointDetail {
  /** @param {HTMLElement} talk */
  constructor(talk) {
    this.root = addHtml(talk, "div", { class: "roi-card roi-detail", "data-testid": "weights" });
    this.rows = new WeightRows(this.root);
  }

  /** @param {import("./stage.js").Stage} stage */
  draw(stage) {
    const { still, words, panels: [panel] } = stage, { chosen } = panel;
    this.root.classList.toggle("roi-absent", !stage.hasReached("areas"));
    if (chosen?.weights) this.rows.draw({ ...chosen, weights: chosen.weights }, panel, words, still?.corners);
  }
}
