/** All that stands on one page, built when its words or its parts change; a drag only draws. */

import { Bar, Onward } from "./bar.js";
import { Chart } from "./chart.js";
import { ControlBar } from "./controls.js";
import { CellsDetail, SampleDetail } from "./detail.js";
import { addHtml, focusedAround } from "./dom.js";
import { FigureButtons } from "./figures.js";
import { SIDES } from "./geometry.js";
import { isRecorded } from "./handles.js";
import { Nudge } from "./nudge.js";
import { OutputGrid } from "./output.js";
import { Panel } from "./panel.js";
import { Quiz, QuizSummary } from "./quiz.js";
import { remember } from "./quiz_memory.js";
import { markPresenting } from "./present.js";
import { Sliders } from "./sliders.js";
import { Stakes } from "./stakes.js";
import { CostCard, Talk } from "./talk.js";
import { WalkBar } from "./walk_bar.js";
import { PointDetail } from "./weights.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Still} Still */

const HELD = "[data-grip], .roi-answers button:not(:disabled), .roi-quiz-foot button, .roi-summary";
const WALKED = ".roi-turn:not(:disabled), .roi-slider input"; // where nothing is taken hold of

/** What a view is built of, beside its panels. @param {Still} still */
const partsOf = ({ words, left_out, presenting, quiz }) =>
  JSON.stringify([words.language, left_out, presenting, quiz?.check, quiz?.choices.length]);

export class View {
  /** @param {Stage} stage @param {Still} still */
  constructor(stage, still) {
    const { root, kind } = stage;
    this.stage = stage;
    this.parts = partsOf(still);
    root.classList.toggle("roi-present", still.presenting);
    markPresenting();
    for (const part of ["steps", "sliders"]) root.classList.toggle(`roi-no-${part}`, still.hidden.includes(part));
    /** A question comes in place of the end of the quiz, or that of a question: the keyboard goes along. */
    const focused = focusedAround(root);
    const held = root.contains(focused) ? /** @type {HTMLElement | SVGElement} */ (focused) : null;
    this.isKeyboardLost = kind === "quiz" && held !== null && !(held.closest(".roi-bar") && held.dataset.testid);
    /** What had the keyboard, by its name: another language is pressed here, another part left out, a lecture begun. What
     * was clicked has it too, but there the next space means the next step. */
    this.held = !this.isKeyboardLost && held?.matches(":focus-visible") ? held.dataset.testid : undefined;
    root.replaceChildren();
    stage.isDragging = false; // what was dragged went with its picture
    this.bar = new Bar(root, stage, still);
    /** @type {Panel[]} */
    this.panels = [];
    this.walkBar = kind !== "plain" && still.steps.length ? new WalkBar(root, stage) : null;
    this.lesson = kind === "plain" ? null : this.buildLesson(still); // a page can be without a stage
  }

  /** @param {Still} still */
  buildLesson(still) {
    const { stage } = this, { root, kind, words } = stage;
    const floor = addHtml(root, "div", { class: still.quiz?.summary ? "roi-floor roi-ended" : "roi-floor" });
    const bar = still.presenting ? this.bar.root : null; // in a lecture what can be pressed stands there
    root.classList.toggle("roi-staked", still.stakes !== undefined && !bar);
    if (still.stakes) new Stakes(floor, still.stakes, bar);
    this.panels = still.panels.map((_, k) =>
      new Panel(stage, addHtml(floor, "div", { class: "roi-place" }), k, kind === "point" && k === 1));
    root.classList.toggle("roi-swept", Boolean(still.chart));
    root.classList.toggle("roi-masked", still.panels.some(({ truth }) => truth !== undefined));
    root.classList.toggle("roi-three", still.panels.length === 3);
    root.classList.toggle("roi-dense", still.controls.length > 9);
    const chart = still.chart ? new Chart(stage, floor, still.chart) : null;
    const side = addHtml(floor, "div", { class: "roi-side" }), outputs = addHtml(side, "div", { class: "roi-outputs" });
    const outputHosts = this.panels.map(() => addHtml(outputs, "div", { class: "roi-out" }));
    const names = kind === "point" ? ["y", "x"] : kind === "quiz" ? [] : SIDES;
    const sliders = new Sliders(side, names, kind === "point" ? "point" : "box", stage);
    const cost = kind === "point" || kind === "quiz" ? null : new CostCard(side);
    const controls = new ControlBar(bar ?? root, stage, still);
    const isCrowded = chart !== null || still.panels.length === 3; // the control bar is full: over the last panel
    const figures = still.figures.length ? new FigureButtons(isCrowded ? floor : controls.root, stage, still.figures) : null;
    const host = addHtml(floor, "div", { class: "roi-talk", "aria-live": "off" }), talk = new Talk(host, stage);
    const quiz = still.quiz && (still.quiz.summary ? new QuizSummary(host, stage) : new Quiz(host, stage, still.quiz));
    const detail = kind === "point" ? new PointDetail(host) : kind !== "lesson" ? null : still.sampled ? new SampleDetail(host, words) : new CellsDetail(host);
    const nudge = still.nudge === undefined ? null : new Nudge(host, stage, still.nudge, bar);
    const onward = new Onward(kind === "pair" && !chart ? floor : host, stage, still);
    /** @type {(OutputGrid | null)[]} made when a panel has an output: that of an open question has none */
    const grids = this.panels.map(() => null);
    return { floor, chart, outputHosts, grids, sliders, cost, controls, figures, talk, quiz, detail, nudge, onward };
  }

  /** Can it show that, too? @param {Still} still */
  fits(still) {
    return this.parts === partsOf(still) && this.panels.length === still.panels.length;
  }

  /** What a drag leaves as it is. @param {Still} still */
  setStill(still) {
    this.panels.forEach((panel, k) => panel.setStill(still.panels[k]));
    this.lesson?.controls.draw(still.controls);
    this.walkBar?.setSteps(still.steps);
  }

  draw() {
    this.drawLesson();
    if (this.isKeyboardLost) this.focusPicture();
    if (this.held) this.focusAgain(this.held);
    this.isKeyboardLost = false;
    this.held = undefined;
  }

  drawLesson() {
    const { stage, lesson } = this, { update, still } = stage;
    if (!lesson || !update || !still) return;
    this.drawWalk();
    this.panels.forEach((panel, k) => panel.setMoving(update.panels[k]));
    this.panels.forEach((panel, k) => {
      const moving = update.panels[k];
      if (!moving.output) return;
      const grid = (lesson.grids[k] ??= new OutputGrid(lesson.outputHosts[k], stage));
      grid.setEmphasis(stage.prediction.emphasisOf(k));
      grid.draw(moving, still.panels[k]);
      grid.drawBefore(lesson.nudge?.trail?.before[k]);
      grid.drawFocus(stage.focus);
    });
    this.drawEmphasis();
    for (const panel of this.panels) panel.drawTaps();
    const columns = Math.max(...update.panels.map((panel) => (panel.output && panel.output_columns) || 0));
    if (lesson.floor.dataset.columns !== String(columns)) lesson.floor.dataset.columns = String(columns);
    if (update.sweep) lesson.chart?.draw(update.sweep, stage.focus.row * columns + stage.focus.column);
    this.drawPlace();
    this.drawWords();
  }

  drawWalk() {
    const { stage } = this, { still } = stage;
    if (!still) return;
    this.walkBar?.draw(still.steps, stage.stepPlace);
    this.lesson?.onward.show(!still.steps.length || still.hidden.includes("steps") || stage.isAtLastStep);
  }

  /** To what a person takes hold of: the box, the point, or the answers of a question; to what its end says. */
  focusPicture() {
    const held = this.stage.root.querySelector(isRecorded(this.stage) ? WALKED : HELD);
    if (held instanceof SVGElement || held instanceof HTMLElement) held.focus();
  }

  /** @param {string} name */
  focusAgain(name) {
    const held = this.stage.root.querySelector(`[data-testid="${name}"]`);
    if (held instanceof SVGElement || held instanceof HTMLElement) held.focus({ preventScroll: true });
  }

  /** @param {Still} still @param {string} address  where the page stands */
  drawLinks(still, address) {
    this.bar.drawLinks(still, address);
    const { onward, quiz } = this.lesson ?? {};
    for (const link of onward?.links ?? []) link.draw(still, address);
    if (quiz instanceof QuizSummary) for (const link of quiz.links) link.draw(still, address);
  }

  /** Another step, or what it asks before it shows. */
  drawStep() {
    this.drawWalk();
    this.drawEmphasis();
    this.drawTaps();
  }

  /** What was tapped as a prediction. */
  drawTaps() {
    for (const panel of this.panels) panel.drawTaps();
    this.drawWords();
  }

  drawEmphasis() {
    this.panels.forEach((panel, k) => {
      const emphasis = this.stage.prediction.emphasisOf(k);
      panel.setEmphasis(emphasis);
      this.lesson?.grids[k]?.setEmphasis(emphasis);
    });
  }

  /** The box or the point, which may be ahead of Python. */
  drawPlace() {
    const { point, box, limits } = this.stage;
    for (const panel of this.panels) panel.drawHandles();
    const values = this.stage.kind === "point" ? point : box;
    if (values) this.lesson?.sliders.draw(values, limits);
    if (this.lesson?.quiz instanceof Quiz) this.lesson.quiz.check?.draw();
  }

  /** The bin and the sample point that are looked at. */
  drawFocus() {
    this.panels.forEach((panel, k) => {
      panel.drawFocus();
      this.lesson?.grids[k]?.drawFocus(this.stage.focus);
    });
    this.lesson?.detail?.draw(this.stage);
  }

  drawWords() {
    const { stage, lesson } = this, { update, still, words } = stage;
    if (!lesson || !update || !still) return;
    lesson.detail?.draw(stage);
    lesson.nudge?.draw();
    if (still.quiz) {
      lesson.quiz?.draw(still.quiz);
      remember(still.quiz.seed, still.quiz.labels, (event) => stage.report(event));
    }
    const step = still.steps[stage.stepPlace];
    if (step && update.step !== stage.step) return; // the words of a step come with its numbers
    lesson.talk.draw(update.sentence || (step ? step.sentence : still.sentence) || "", update, stage);
    const isAsked = stage.prediction.isOpen && stage.step === still.cost_from; // the step that tells the cost
    lesson.cost?.draw(words, update, stage.hasReached(still.cost_from ?? "") && !isAsked);
  }
}
