/** The words beside the picture: the sentence of the step with its numbers, the formula, the cost of rounding. */

import { addHtml, interpolate, setMarkedText } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Update} Update */

export class Talk {
  /** @param {HTMLElement} talk */
  constructor(talk) {
    const card = addHtml(talk, "div", { class: "roi-card roi-sentence" });
    this.sentence = addHtml(card, "p");
    this.formula = addHtml(card, "div", { class: "roi-formula" });
    this.formulaDrawn = "";
  }

  /** @param {string} sentence @param {Update} update */
  draw(sentence, { values = {}, formula = [] }) {
    setMarkedText(this.sentence, interpolate(sentence, values));
    const lines = formula.join("\n");
    if (this.formulaDrawn === lines) return;
    this.formulaDrawn = lines;
    this.formula.replaceChildren();
    for (const line of formula) addHtml(this.formula, "div", {}, line);
  }
}

/** What rounding costs this box. */
export class CostCard {
  /** @param {HTMLElement} side */
  constructor(side) {
    this.root = addHtml(side, "div", { class: "roi-card roi-cost" });
  }

  /** @param {Record<string, string>} words @param {Update} update */
  draw(words, { cost }) {
    if (cost) setMarkedText(this.root, interpolate(words.cost, { ...cost, side: words[`side_${cost.side}`] }));
  }
}
