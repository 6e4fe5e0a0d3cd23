/**
 * The live stage of one page: what it looks at, what a person does with it, and what Python answers. It draws what
 * Python sends and reports what a person does; it computes no number that is shown.
 */

import { NO_INKS, Palette } from "./colors.js";
import { Requests } from "./connection.js";
import { SCROLLING, TYPING } from "./dom.js";
import { areEqual, moveBox, moveSide, pointWithin } from "./geometry.js";
import { drawProduct } from "./matrices.js";
import { Motion } from "./motion.js";
import { Presenter, markPresenting } from "./present.js";
import { isBoxFixed } from "./quiz.js";
import { unpackFocus } from "./unpack.js";
import { Theme } from "./theme.js";
import { View } from "./view.js";
import { Prediction } from "./prediction.js";
import { Player } from "./walk_bar.js";
import { turn, turnInside } from "./walk.js";

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./wire.js").Focus} Focus */
/** @typedef {import("./wire.js").Still} Still */
/** @typedef {import("./wire.js").Update} Update */

const LINGER = 60; // ms that the pointer stays on a bin before Python hears of it

export class Stage {
  /** @type {Stage | null} the one that was drawn last */
  static latest = null;

  /** @param {HTMLElement} host @param {import("./wire.js").Kind} kind @param {import("./connection.js").KeptConnection} kept
   * @param {import("./connection.js").Connection} quick @param {Pick<import("./history.js").PageHistory, "note">} history
   * @param {GlobalEventHandlers} keyboard  where the keys are the stage's */
  constructor(host, kind, kept, quick, history, keyboard = document) {
    this.host = host;
    this.keyboard = keyboard;
    this.history = history;
    this.room = /** @type {import("./room.js").Room | null} */ (null);
    this.openRoom = /** @type {(() => Promise<void>) | null} */ (null); // where a server can have rooms
    this.recorder = /** @type {import("./drag_recorder.js").DragRecorder | null} */ (null); // where there are films
    this.kind = kind;
    this.root = document.createElement("div");
    this.root.className = `roi roi-${kind}`;
    host.append(this.root);
    this.still = /** @type {Still | null} */ (null);
    this.update = /** @type {Update | null} */ (null);
    this.box = /** @type {Box | null} */ (null);
    /** @type {import("./wire.js").Point | null} */
    this.point = null;
    this.step = "";
    /** @type {Focus} */
    this.focus = { row: 0, column: 0, sample: 0 };
    /** @type {Focus | null} what is looked at again when the pointer leaves */
    this.pinned = null;
    this.prediction = new Prediction(this);
    this.isDeep = false; // the walk turns from bin to bin, or from sample point to sample point
    this.isFigureOrdered = false;
    this.theme = new Theme(host, () => this.recolor());
    this.palette = new Palette(NO_INKS, this.theme.isDark);
    /** @type {View | null} */
    this.view = null;
    /** @type {import("./share.js").ShareDialog | null} */
    this.dialog = null;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.linger = null;
    this.player = new Player(this);
    this.motion = new Motion(this);
    this.presenter = new Presenter(this);
    this.kept = kept;
    this.requests = new Requests(this.asker(), kept, quick);
    this.keys = (/** @type {KeyboardEvent} */ event) => this.press(event);
    keyboard.addEventListener("keydown", this.keys);
  }

  destroy() {
    this.keyboard.removeEventListener("keydown", this.keys);
    this.theme.end();
    this.requests.end();
    if (this.linger) clearTimeout(this.linger);
    this.player.pause();
    this.presenter.destroy();
    this.root.remove();
    markPresenting();
  }

  get words() {
    return this.still?.words ?? {};
  }

  get limits() {
    return this.still?.limits ?? {};
  }

  get panels() {
    return this.view?.panels ?? [];
  }

  /** Where the page stands, as a query string. */
  get address() {
    return this.requests.address;
  }

  get isDragging() {
    return this.root.classList.contains("roi-dragging");
  }

  set isDragging(isDragging) {
    if (isDragging) this.motion.stop();
    this.root.classList.toggle("roi-dragging", isDragging);
  }

  // ---- Python -----------------------------------------------------------------------------------------------------

  /** @returns {import("./connection.js").Asker} */
  asker() {
    return {
      place: () => (this.point && this.kind === "point" ? { point: this.point }
        : this.box && !isBoxFixed(this) ? { box: this.box } : {}),
      view: () => ({ page: this.still?.page ?? "", focus: this.focus }),
      isHeld: () => this.isDragging,
      take: (update, still, isBusy) => this.take(update, still, isBusy || this.linger !== null),
      restart: (sequence) => this.kept.restart(sequence),
      isGone: () => !this.root.isConnected,
      isReachable: (href) => fetch(href).then(({ ok }) => ok, () => false),
      open: (href) => location.assign(href),
    };
  }

  /** @param {import("./events.js").StageEvent} event */
  report(event) {
    this.room?.note(event);
    this.requests.report(event);
  }

  /** Draw an answer. @param {Update} update @param {Still} still @param {boolean} isBusy  the screen is ahead of it */
  take(update, still, isBusy) {
    this.host.dataset.ack = String(update.ack ?? "");
    const isFirst = this.update === null;
    if (this.still !== still) this.setStill(update, still);
    if (!isBusy || isFirst) {
      this.box = update.box ?? null;
      this.point = update.point ?? null;
      this.focus = unpackFocus(update.focus);
      this.pinned = unpackFocus(update.pinned ?? update.focus);
      this.step = this.requests.waiting?.step ?? update.step; // another was opened before the answer with another map came
    }
    this.update = update;
    this.prediction.receive(update);
    this.view?.lesson?.nudge?.receive(update);
    this.draw();
    this.motion.follow(update.step);
    if (this.isFigureOrdered) this.view?.lesson?.figures?.receive(update);
    if (update.reveal) this.root.scrollIntoView();
    if (update.share && this.dialog?.root.isConnected) this.dialog.draw(update.share);
    this.room?.drawn(this);
    if (update.address === undefined) return;
    this.view?.drawLinks(still, this.address);
    this.history.note(update.address);
  }

  /** @param {Update} update @param {Still} still */
  setStill(update, still) {
    this.still = still;
    this.palette = new Palette(still.inks, this.theme.isDark);
    this.box ??= update.box ?? null;
    this.point ??= update.point ?? null;
    this.step ||= update.step;
    if (!this.view?.fits(still)) this.view = new View(this, still);
    this.view.setStill(still);
  }

  /** What is drawn in colours that the style does not know is drawn anew. */
  recolor() {
    if (!this.still || !this.update) return;
    this.setStill(this.update, this.still);
    this.draw();
  }

  draw() {
    this.view?.draw();
    if (this.kind === "plain") return;
    Stage.latest = this;
    drawProduct(this);
  }

  // ---- the walk ---------------------------------------------------------------------------------------------------

  /** The place of the open step among the steps; -1 on a page without. */
  get stepPlace() {
    return this.still?.steps.findIndex((step) => step.key === this.step) ?? -1;
  }

  get openStep() {
    return this.still?.steps[this.stepPlace];
  }

  get isAtLastStep() {
    return this.step === this.still?.steps.at(-1)?.key;
  }

  /** What a turn goes through before it leaves this step, if anything. */
  get levelInside() {
    return this.isDeep ? this.still?.deep?.[this.step] : undefined;
  }

  get canGoOn() {
    return this.levelInside !== undefined || this.stepPlace < (this.still?.steps.length ?? 0) - 1;
  }

  /** True from that step of the walk on: what is not yet explained is not yet shown. @param {string} key */
  hasReached(key) {
    return this.stepPlace >= (this.still?.steps.findIndex((step) => step.key === key) ?? 0);
  }

  /** @param {number} place  among the steps; -1 is the last */
  goToStep(place) {
    const key = this.still?.steps.at(place)?.key;
    if (key === undefined || key === this.step) return;
    this.step = key;
    this.prediction.leave();
    this.report({ step: key, commit: true });
  }

  /** Back or forward: one level deeper while there is a bin or a sample point there, else a step. @param {number} by */
  turn(by) {
    if (!this.still || !this.update) return;
    const { samplesInBin: { start, end } = { start: 0, end: 0 } } = this.panels[0] ?? {};
    const { output = "", output_columns: columns = 1 } = this.update.panels[0] ?? {};
    const size = { bins: output.split(" ").length, columns, samples: end - start };
    const focus = turnInside(this.levelInside, this.focus, by, size);
    if (focus) return this.pin(focus);
    const key = turn(this.still.steps, this.step, by);
    this.goToStep(this.still.steps.findIndex((step) => step.key === key));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (!this.root.isConnected || event.defaultPrevented) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (this.room?.lecture.press(event) || this.presenter.press(event)) return event.preventDefault();
    if (!this.still?.steps.length) return;
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    if (event.target instanceof Element && event.target.closest(`${TYPING}, ${SCROLLING}`)) return;
    event.preventDefault();
    this.turn(event.key === "ArrowRight" ? 1 : -1);
  }

  // ---- the box, the point, the bin --------------------------------------------------------------------------------

  /** @param {string} handle @param {Box} from @param {number} dx @param {number} dy  cells */
  pullBox(handle, from, dx, dy) {
    this.setBox(moveBox(handle, from, dx, dy, this.limits));
  }

  /** @param {Box} box */
  setBox(box) {
    if (!this.box || areEqual(box, this.box)) return;
    this.box = box;
    this.recorder?.note(box, this.still?.map);
    this.prediction.clear();
    this.view?.lesson?.nudge?.clear();
    this.view?.drawPlace();
    this.report({ box });
  }

  /** @param {number} x @param {number} y */
  movePoint(x, y) {
    const point = pointWithin(x, y, this.limits);
    if (!this.point || areEqual(point, this.point)) return;
    this.point = point;
    this.view?.drawPlace();
    this.report({ point });
  }

  /** One side of the box, or of the point x or y, by its slider. @param {string} name @param {number} value */
  slide(name, value) {
    const { kind, point, box } = this;
    if (kind === "point" && point) this.movePoint(name === "x" ? value : point[1], name === "y" ? value : point[0]);
    else if (box) this.setBox(moveSide(box, name, value));
    this.view?.drawPlace(); // a slider stays where its side stays
  }

  /** Let go: what is seen belongs in the address. */
  commit() {
    this.report({ commit: true });
  }

  /** Light a bin and its sample points at once, then tell Python so that the sentence follows; null: back to the pinned bin.
   * @param {Focus | null} focus */
  look(focus) {
    const now = focus ?? this.pinned;
    if (this.prediction.isOpen || !now) return; // what is pointed at would tell, or change what is asked
    this.lookAt(now);
  }

  /** @param {Focus} now */
  lookAt(now) {
    if (this.kind === "quiz" || areEqual(Object.values(now), Object.values(this.focus))) return;
    this.focus = now;
    this.view?.drawFocus();
    if (this.linger) clearTimeout(this.linger);
    this.linger = setTimeout(() => {
      this.linger = null;
      this.report({ focus: now });
    }, LINGER);
  }

  /** @param {Focus} focus */
  pin(focus) {
    if (this.kind === "quiz") return;
    this.pinned = focus;
    this.prediction.clear();
    this.lookAt(focus);
    if (this.linger) clearTimeout(this.linger);
    this.linger = null;
    this.report({ focus, pin: true, commit: true });
  }
}
