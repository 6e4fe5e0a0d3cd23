/** A question that a room answers on the map: the stage hides what would tell, a tap is a vote, and no verdict comes before the reveal. */

import { Prediction } from "./prediction.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./prediction.js").Place} Place */
/** @typedef {(places: [y: number, x: number][]) => void} Vote */

const MOST = 4; // places of one answer

/** In the place of the stage's own prediction, while a question is open. */
export class RoomPrediction extends Prediction {
  /** @param {Stage} stage */
  constructor(stage) {
    super(stage);
    this.isOn = false; // it is the room that asks
    this.own = stage.prediction;
    /** @type {Vote | null} null where no vote is taken, or this is the lecturer's stage */
    this.onvote = null;
    this.round = "";
  }

  /** Hide what would tell, and take votes where there is somebody for them. @param {Stage} stage @param {Vote | null} onvote
   * @param {string} [about]  what is asked, besides what the step asks @param {string} [round]  another begins without
   * what was tapped in the one before */
  static hide(stage, onvote, about = "", round = "") {
    if (!(stage.prediction instanceof RoomPrediction)) {
      stage.prediction = new RoomPrediction(stage);
      stage.root.classList.add("roi-asking");
      stage.view?.drawStep();
    }
    const prediction = /** @type {RoomPrediction} */ (stage.prediction), isOther = prediction.about !== about || (prediction.onvote === null) !== (onvote === null);
    prediction.onvote = onvote;
    prediction.about = about;
    if (isOther) stage.view?.drawStep();
    if (round && prediction.round && prediction.round !== round) prediction.clear();
    if (round) prediction.round = round;
  }

  /** What was answered before, where nothing is tapped. @param {Stage} stage @param {[y: number, x: number][]} places */
  static place(stage, places) {
    const { prediction } = stage;
    if (!(prediction instanceof RoomPrediction) || prediction.places.length) return;
    prediction.places = places.map(([y, x]) => [x, y]);
    stage.view?.drawTaps();
  }

  /** Show what the step shows. @param {Stage} stage */
  static show(stage) {
    const { prediction } = stage;
    if (!(prediction instanceof RoomPrediction)) return;
    stage.prediction = prediction.own;
    stage.root.classList.remove("roi-asking");
    stage.prediction.leave();
    stage.prediction.show(); // where every step asks, this one did
  }

  /** Ask what the places are worth, as the stage does outside of a room. @param {Stage} stage @param {[y: number, x: number][]} places
   * @param {string} [about]  what was asked, besides what the step asks */
  static check(stage, places, about = "") {
    stage.prediction.places = places.map(([y, x]) => [x, y]);
    stage.prediction.about = about;
    stage.prediction.check();
    stage.view?.drawTaps();
  }

  /** @override */
  get isOpen() {
    return true;
  }

  /** @override */
  get takesGuess() {
    return this.onvote !== null;
  }

  /** @override */
  send() {
    this.onvote?.(this.places.map(([x, y]) => [y, x]));
  }

  /** Another box or bin: it asks the same. @override */
  clear() {
    const { about } = this;
    super.clear();
    this.about = about;
  }

  /** @override */
  toggle() {}

  /** @override  the room says when it is shown */
  show() {}

  /** Another step: the room says when the question is over. @override */
  leave() {}

  /** @override @param {import("./panel.js").Panel} panel @param {Place} place */
  tap(panel, place) {
    const { stage, onvote, asked } = this, { chosen } = panel;
    if (!asked || !onvote || (asked.mark !== "cell" && asked.mark !== "place") || panel !== stage.panels[0]) return true;
    const cell = String(place.map(Math.floor)), rest = this.places.filter((tapped) => String(tapped.map(Math.floor)) !== cell);
    if (!asked.each) this.places = [place];
    else this.places = rest.length < this.places.length ? rest : [...rest, place].slice(-MOST);
    const read = chosen?.cells.filter((_, n) => (chosen.weights?.[n] ?? 0) > 0) ?? [];
    const count = asked.each ? new Set(read.map(String)).size : 1;
    stage.view?.drawTaps();
    if (this.places.length >= count) this.send();
    return true;
  }

  /** @override */
  receive() {}
}
