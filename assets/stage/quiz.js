/** A question: four answers, what was right and why, how many were right, and the next question. */

import { addHtml, setAttributes, setMarkedText, setText } from "./dom.js";

export class Quiz {
  /** @param {HTMLElement} talk @param {import("./stage.js").Stage} stage */
  constructor(talk, stage) {
    const { words } = stage;
    this.stage = stage;
    const answers = addHtml(talk, "div", { class: "roi-answers", role: "group", "aria-label": words.answers });
    this.answers = [0, 1, 2, 3].map((k) => {
      const button = addHtml(answers, "button", { type: "button", "data-testid": `answer-${k}` });
      button.addEventListener("click", () => stage.report({ answer: k, commit: true }));
      return button;
    });
    const verdict = addHtml(talk, "div", { class: "roi-card roi-verdict", role: "status" });
    this.verdict = addHtml(verdict, "h4");
    this.reason = addHtml(verdict, "p");
    const foot = addHtml(talk, "div", { class: "roi-quiz-foot" });
    this.score = addHtml(foot, "span", { class: "roi-quiet", "data-testid": "score" });
    const onward = { type: "button", class: "roi-lesson-link", "data-testid": "next-question" };
    this.onward = addHtml(foot, "button", onward, words.next_question);
    this.onward.addEventListener("click", () => stage.turn(1));
  }

  /** @param {import("./wire.js").QuizStill} quiz */
  draw({ choices, chosen, right, verdict, reason, score }) {
    const isAnswered = chosen !== undefined;
    this.stage.root.classList.toggle("roi-unanswered", !isAnswered);
    this.answers.forEach((button, k) => {
      setText(button, choices[k]);
      button.disabled = isAnswered;
      const look = k === right ? "roi-right" : k === chosen ? "roi-wrong" : "roi-other";
      setAttributes(button, { class: isAnswered ? look : "" });
    });
    setText(this.verdict, verdict ?? "");
    setMarkedText(this.reason, reason ?? "");
    setText(this.score, score);
    this.onward.disabled = this.stage.isAtLastStep;
  }
}
