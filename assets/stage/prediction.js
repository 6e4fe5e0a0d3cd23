/**
 * *Predict first*: while it is on, a step with a question opens asking. What would tell is hidden, places are tapped on the
 * map, Python says what they are worth; then, or when it is asked to, the step shows what it is about. A lesson link can
 * leave the answer out; then a tap on the output shows it.
 */

/** @typedef {import("./panel.js").Panel} Panel */
/** @typedef {[x: number, y: number]} Place  in map cells */

const KEPT_AS = "roialign-lab predict first"; // for as long as this tab is open: from page to page, over a reload

export class Prediction {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.isOn = isKept(); // the mode: every step asks
    this.isShown = false; // of this step, what it asked for: it was answered, or it need not be
    this.isRevealed = false; // an answer that the lesson link leaves out was tapped
    this.isAwaited = false; // Python has the places
    this.sent = 0; // the number of the event before that with the places: its answer has a higher one
    this.about = ""; // what a room asked besides what the step asks; its answer is looked at
    /** @type {Place[]} */
    this.places = [];
    /** @type {import("./wire.js").Verdict | null} */
    this.verdict = null;
  }

  /** Does the open step ask, and show what it is about later? */
  get isOpen() {
    return this.isOn && !this.isShown && this.isPossible;
  }

  /** What the places answer: what the open step asks, or what a room asked. @returns {import("./wire.js").MapQuestion | undefined} */
  get asked() {
    const { still, openStep } = this.stage;
    return this.about ? still?.questions?.[this.about] : openStep?.predict;
  }

  /** Is an answer taken that is dragged? Only in a room. */
  get takesGuess() {
    return false;
  }

  /** What was dragged is the answer: in a room. */
  send() {}

  /** What the open step asks now, if anything. @returns {import("./wire.js").Question | undefined} */
  get question() {
    const { openStep } = this.stage;
    if (this.isOpen) return this.asked;
    return this.isRevealed || this.verdict ? undefined : openStep?.withheld;
  }

  /** What the open step does with each role. @param {number} panel @returns {import("./wire.js").Emphases} */
  emphasisOf(panel) {
    const { still, openStep } = this.stage, own = still?.panels[panel].emphasis;
    if (own) return this.isOpen ? { ...own, ...this.asked?.emphasis } : own;
    return this.question?.emphasis ?? openStep?.emphasis ?? {};
  }

  /** @param {number} panel */
  isOutputKnown(panel) {
    return this.emphasisOf(panel).output !== "unknown";
  }

  /** Has the open step a question, and is there on the map what it asks for? */
  get isPossible() {
    const { openStep, panels: [panel], focus: { row, column } } = this.stage, marks = panel?.marks;
    if (!openStep?.predict || !marks) return false;
    if (openStep.predict.of === "region") return beginsOnMap(marks.rectangles.bin[0], panel.still);
    const { start, end } = marks.samples.ofBin(row, column);
    return end > start;
  }

  /** Switch the mode: a step that shows what it is about asks again. */
  toggle() {
    this.isOn = !this.isOn;
    keep(this.isOn);
    this.leave();
  }

  /** Without an answer. */
  show() {
    if (!this.isOpen) return;
    this.isShown = true;
    this.clear();
    this.stage.view?.drawStep();
  }

  /** Another step was opened: it is drawn without what was asked or tapped at the one before. */
  leave() {
    this.isShown = this.isRevealed = false;
    this.clear();
    this.stage.view?.drawStep();
  }

  /** Another box or bin: what was tapped was meant for the one before. */
  clear() {
    if (!this.places.length && !this.verdict) return;
    this.places = [];
    this.about = "";
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
    const { stage } = this, asked = this.isOpen ? this.asked : undefined;
    if (!asked || this.isAwaited) return this.isOpen;
    const cell = String(place.map(Math.floor)), rest = this.places.filter((tapped) => String(tapped.map(Math.floor)) !== cell);
    if (!asked.each) this.places = [place];
    else this.places = rest.length < this.places.length ? rest : [...rest, place];
    const read = chosen?.cells.filter((_, n) => (chosen.weights?.[n] ?? 0) > 0) ?? [];
    const count = asked.each ? new Set(read.map(String)).size : 1;
    if (this.places.length >= count) this.check();
    stage.view?.drawTaps();
    return true;
  }

  /** Ask Python what the places are worth. */
  check() {
    const { stage, about } = this;
    this.isAwaited = true;
    this.sent = stage.requests.sequence;
    stage.report({ focus: stage.focus, guess: this.places.map(([x, y]) => [y, x]), ...(about && { about }) });
  }

  /** The verdict on the places; that on those before them is passed over, and what Streamlit brings again.
   * @param {import("./wire.js").Update} update */
  receive({ verdict, ack }) {
    if (!this.isAwaited || !verdict || (ack ?? 0) <= this.sent) return;
    this.isAwaited = false;
    this.isShown = true;
    this.verdict = verdict;
  }
}

/** Is there a cell of the map where the first bin begins, as the region does? @param {number[] | undefined} bin
 * @param {import("./wire.js").PanelStill | null} still */
const beginsOnMap = (bin, still) => bin !== undefined && still !== null && bin[0] < still.columns && bin[1] < still.rows;

function isKept() {
  try {
    return sessionStorage.getItem(KEPT_AS) === "true";
  } catch {
    return false; // a browser may keep nothing: then the mode ends with the page
  }
}

/** @param {boolean} isOn */
function keep(isOn) {
  try {
    sessionStorage.setItem(KEPT_AS, String(isOn));
  } catch {
    // as above
  }
}
