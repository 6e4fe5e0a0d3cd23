/**
 * A step is predicted before it shows: what would tell is hidden, places are tapped on the map, Python says what they are
 * worth. A lesson link can leave the answer out; then a tap on the output shows it.
 */

/** @typedef {import("./panel.js").Panel} Panel */
/** @typedef {[x: number, y: number]} Place  in map cells */

export class Prediction {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.isOpen = false;
    this.isRevealed = false; // an answer that the lesson link leaves out was tapped
    this.isAwaited = false; // Python has the places
    /** @type {Place[]} */
    this.places = [];
    /** @type {import("./wire.js").Verdict | null} */
    this.verdict = null;
  }

  /** What the open step asks now, if anything. @returns {import("./wire.js").Question | undefined} */
  get question() {
    const { openStep } = this.stage;
    if (this.isOpen) return openStep?.predict;
    return this.isRevealed || this.verdict ? undefined : openStep?.withheld;
  }

  /** What the open step does with each role. @param {number} panel @returns {import("./wire.js").Emphases} */
  emphasisOf(panel) {
    const { still, openStep } = this.stage;
    return still?.panels[panel].emphasis ?? this.question?.emphasis ?? openStep?.emphasis ?? {};
  }

  /** @param {number} panel */
  isOutputKnown(panel) {
    return this.emphasisOf(panel).output !== "unknown";
  }

  get isPossible() {
    const { openStep, panels: [panel], focus: { row, column } } = this.stage;
    const { start, end } = panel?.marks?.samples.ofBin(row, column) ?? { start: 0, end: 0 };
    return openStep?.predict !== undefined && end > start;
  }

  /** Ask, or show what the step shows. */
  toggle() {
    this.isOpen = !this.isOpen && this.isPossible;
    this.clear();
    this.stage.view?.drawStep();
  }

  /** Another step was opened: it is drawn without what was asked or tapped at the one before. */
  leave() {
    this.isOpen = this.isRevealed = false;
    this.clear();
    this.stage.view?.drawStep();
  }

  /** Another box or bin: what was tapped was meant for the one before. */
  clear() {
    if (!this.places.length && !this.verdict) return;
    this.places = [];
    this.verdict = null;
    this.isAwaited = false;
    this.stage.view?.drawTaps();
  }

  /** A tap on the output. */
  reveal() {
    if (this.isRevealed || this.isOpen || !this.question) return;
    this.isRevealed = true;
    this.stage.view?.drawStep();
  }

  /** A tap on the map: a place, or one more cell, or one less. @param {Panel} panel @param {Place} place
   * @returns {boolean} was it meant for this? */
  tap({ chosen }, place) {
    const { stage } = this, asked = this.isOpen ? stage.openStep?.predict : undefined;
    if (!asked || this.isAwaited) return this.isOpen;
    const cell = String(place.map(Math.floor)), rest = this.places.filter((tapped) => String(tapped.map(Math.floor)) !== cell);
    if (!asked.each) this.places = [place];
    else this.places = rest.length < this.places.length ? rest : [...rest, place];
    const read = chosen?.cells.filter((_, n) => (chosen.weights?.[n] ?? 0) > 0) ?? [];
    const count = asked.each ? new Set(read.map(String)).size : 1;
    this.isAwaited = this.places.length >= count;
    stage.view?.drawTaps();
    if (this.isAwaited) stage.report({ focus: stage.focus, guess: this.places.map(([x, y]) => [y, x]) });
    return true;
  }

  /** @param {import("./wire.js").Verdict} [verdict] */
  receive(verdict) {
    if (!this.isAwaited || !verdict) return; // Streamlit brings an answer again
    this.isAwaited = this.isOpen = false;
    this.verdict = verdict;
  }
}
