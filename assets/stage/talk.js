/** The words beside the picture: the sentence of the step with its numbers, the formula, the cost of rounding. */

import { nameOf } from "./detail.js";
import { addHtml, interpolate, setAttributes, setMarkedText, setText } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Update} Update */

export class Talk {
  /** @param {HTMLElement} talk @param {Stage} stage */
  constructor(talk, stage) {
    this.card = addHtml(talk, "div", { class: "roi-card roi-sentence" });
    this.verdict = addHtml(this.card, "div", { class: "roi-told", role: "status", "data-testid": "verdict" });
    this.sentence = addHtml(this.card, "p");
    this.show = addHtml(this.card, "button", { type: "button", class: "roi-lesson-link roi-show", "data-testid": "show" }, stage.words.show);
    this.show.remove(); // it is there while a step asks
    this.show.addEventListener("click", ({ detail }) => {
      stage.prediction.show();
      if (detail === 0) stage.view?.walkBar?.focusNext(); // the key would be lost with the button
    });
    this.formula = addHtml(this.card, "div", { class: "roi-formula" });
  }

  /** The sentence of the step and its formula; before them what a prediction is worth, in their place what is asked.
   * @param {string} sentence @param {Update} update @param {Stage} stage */
  draw(sentence, { values = {}, formula: ofStep = [] }, { prediction: { question, verdict, isOpen, isOn }, panels: [panel], focus }) {
    const formula = question ? [] : ofStep;
    setMarkedText(this.verdict, verdict?.sentence ?? "");
    setAttributes(this.card, { "data-asks": Boolean(question), "data-verdict": verdict ? (verdict.right ? "right" : "wrong") : "" });
    const asked = question && interpolate(question.sentence, { bin: nameOf(panel, focus) });
    setMarkedText(this.sentence, asked ?? (verdict ? "" : interpolate(sentence, values)));
    if (!isOpen || !isOn) this.show.remove();
    else if (!this.show.isConnected) this.sentence.after(this.show);
    while (this.formula.childElementCount > formula.length) this.formula.lastElementChild?.remove();
    formula.forEach((line, k) => setText(this.formula.children[k] ?? addHtml(this.formula, "div"), line));
  }
}

/** What rounding costs this box. */
export class CostCard {
  /** @param {HTMLElement} side */
  constructor(side) {
    this.root = addHtml(side, "div", { class: "roi-card roi-cost" });
  }

  /** @param {Record<string, string>} words @param {Update} update @param {boolean} isKnown  the walk has come to it */
  draw(words, { cost }, isKnown) {
    if (!cost) return;
    const shown = { ...cost, side: words[`side_${cost.side}`] };
    setMarkedText(this.root, isKnown ? interpolate(words.cost, shown) : words.cost_unknown);
  }
}
