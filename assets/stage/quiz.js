/** A question: four answers, or a box to draw; what was right and why, how many were right. Then what to look up again. */

import { LinkToPage } from "./bar.js";
import { addHtml, setAttributes, setMarkedText, setText } from "./dom.js";
import { areEqual } from "./geometry.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").QuizStill} QuizStill */

/** Does the box stand, as that of a question does that is not answered by it? @param {Stage} stage */
export const isBoxFixed = ({ kind, still }) => kind === "quiz" && still?.quiz?.check === undefined;

/** The question on the screen, which the open step may be ahead of. @param {Stage} stage */
export const drawnQuestion = ({ still, update }) => (still?.quiz && update ? { seed: still.quiz.seed, question: update.step } : undefined);

export class Quiz {
  /** @param {HTMLElement} talk @param {Stage} stage @param {QuizStill} quiz */
  constructor(talk, stage, { choices, check }) {
    const { words } = stage;
    this.stage = stage;
    this.check = check === undefined ? null : new Check(talk, stage, check);
    const answers = choices.length ? addHtml(talk, "div", { class: "roi-answers", role: "group", "aria-label": words.answers }) : talk;
    this.answers = choices.map((_, k) => {
      const button = addHtml(answers, "button", { type: "button", "data-testid": `answer-${k}` });
      button.addEventListener("click", () => stage.room?.votes.choose(k) || stage.report({ answer: k, asked: drawnQuestion(stage), commit: true }));
      return button;
    });
    const verdict = addHtml(talk, "div", { class: "roi-card roi-verdict", role: "status" });
    verdict.hidden = this.check !== null;
    this.verdict = addHtml(verdict, "h4");
    this.reason = addHtml(verdict, "p");
    const foot = addHtml(talk, "div", { class: "roi-quiz-foot" });
    this.score = addHtml(foot, "span", { class: "roi-quiet", "data-testid": "score" });
    this.onward = addHtml(foot, "button", { type: "button", class: "roi-lesson-link", "data-testid": "next-question" });
    this.onward.addEventListener("click", () => {
      if (stage.root.getBoundingClientRect().top < 0) stage.root.scrollIntoView(); // a phone: the next question is above
      stage.turn(1);
    });
  }

  /** @param {QuizStill} quiz */
  draw({ choices, chosen, right, verdict, reason, score, onward }) {
    const isAnswered = chosen !== undefined;
    this.check?.draw();
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
    setText(this.onward, onward);
  }
}

/** The button that checks the box, and why a box that was checked does not answer the question, until it is moved. */
class Check {
  /** @param {HTMLElement} talk @param {Stage} stage @param {string} name */
  constructor(talk, stage, name) {
    this.stage = stage;
    const root = addHtml(talk, "div", { class: "roi-check" });
    const button = addHtml(root, "button", { type: "button", "data-testid": "check" }, name);
    button.addEventListener("click", () => {
      const { box } = stage, asked = drawnQuestion(stage);
      if (box && asked) stage.report({ box, check: { question: asked.question, box }, asked, commit: true });
    });
    this.words = addHtml(root, "p", { role: "status", "data-testid": "tried" });
  }

  draw() {
    const { box, update } = this.stage;
    const stands = box && update?.box && areEqual(box, update.box);
    setMarkedText(this.words, (stands && update.tried) || "");
  }
}

/** The end of the quiz: a table of what to look up, the questions that are left, and the way to other questions. */
export class QuizSummary {
  /** @param {HTMLElement} talk @param {Stage} stage */
  constructor(talk, stage) {
    this.stage = stage;
    this.root = addHtml(talk, "div", { class: "roi-summary", tabindex: -1, "data-testid": "summary" });
    this.others = addHtml(talk, "button", { type: "button", class: "roi-lesson-link roi-others", "data-testid": "other-questions" });
    this.others.addEventListener("click", () => stage.report({ others: true, commit: true }));
    /** @type {QuizStill | null} */
    this.drawn = null;
    /** @type {LinkToPage[]} */
    this.links = [];
  }

  /** @param {QuizStill} quiz */
  draw(quiz) {
    const { summary } = quiz;
    if (!summary || this.drawn === quiz) return;
    this.drawn = quiz;
    const { stage, root } = this, { rows, unanswered, friendly, words } = summary;
    setText(this.others, words.others);
    root.replaceChildren();
    if (friendly) addHtml(root, "p", { "data-testid": "friendly" }, friendly);
    this.links = rows.length ? this.makeTable(addHtml(root, "table"), summary) : [];
    if (unanswered.length) this.makeQuestions(addHtml(root, "p", { "data-testid": "unanswered" }, `${words.unanswered} `), unanswered);
    const { still } = stage;
    if (still) for (const link of this.links) link.draw(still, stage.address);
  }

  /** @param {HTMLElement} table @param {import("./wire.js").QuizSummary} summary */
  makeTable(table, { rows, words }) {
    const head = addHtml(addHtml(table, "thead"), "tr"), body = addHtml(table, "tbody");
    for (const name of [words.look_up, words.asked, words.shown]) addHtml(head, "th", { scope: "col" }, name);
    return rows.map(({ sentence, questions, page, step }) => {
      const row = addHtml(body, "tr");
      addHtml(row, "td", {}, sentence);
      this.makeQuestions(addHtml(row, "td"), questions);
      return new LinkToPage(addHtml(row, "td"), this.stage, page, { step, look: { "data-testid": `mend-${page[0]}-${step}` } });
    });
  }

  /** Questions by name: each opens. @param {HTMLElement} host @param {string[]} keys */
  makeQuestions(host, keys) {
    const { stage } = this, steps = stage.still?.steps ?? [];
    for (const key of keys) {
      const place = steps.findIndex((step) => step.key === key);
      const button = addHtml(host, "button", { type: "button", class: "roi-named", "data-testid": `open-${key}` });
      button.textContent = `${place + 1} ${steps[place]?.title ?? key}`;
      button.addEventListener("click", () => stage.goToStep(place));
    }
  }
}
