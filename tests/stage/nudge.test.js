import assert from "node:assert/strict";
import { test } from "node:test";

import { Requests, keepStill } from "../../assets/stage/connection.js";
import { Nudge } from "../../assets/stage/nudge.js";
import { Prediction } from "../../assets/stage/prediction.js";

/** @typedef {import("../../assets/stage/wire.js").Box} Box */
/** @typedef {import("../../assets/stage/events.js").StageEvent} StageEvent */
/** @typedef {import("../../assets/stage/events.js").SentEvent} SentEvent */
/** @typedef {import("../../assets/stage/wire.js").Update} Update */

/** The home page without what is drawn: what it asked, and its answers one by one. */
class FakeStage {
  /** @type {Box} */
  box = [0.55, 2.7, 6.35, 7.4];
  limits = { y1: [0, 6.9] };
  still = { nudged: { side: "y1", by: -0.5, returns: true }, questions: {} };
  focus = { row: 0, column: 0, sample: 0 };
  /** @type {SentEvent[]} */
  asked = [];
  kept = { isOpen: true, onanswer: /** @type {any} */ (null), ask: (/** @type {SentEvent} */ event) => void this.asked.push(event), restart() {} };

  constructor() {
    this.requests = new Requests({
      place: () => ({ box: this.box }), view: () => ({ page: "home", focus: this.focus }), isHeld: () => false,
      take: (update) => {
        this.nudge.receive(update);
        this.prediction.receive(update);
      },
      restart() {}, isGone: () => false, isReachable: async () => true, open() {},
    }, this.kept, this.kept);
    this.nudge = /** @type {Nudge} */ (Object.assign(Object.create(Nudge.prototype), { stage: this, by: -0.5, asked: Infinity, trail: null, scene: "" }));
    this.prediction = /** @type {Prediction} */ (Object.assign(Object.create(Prediction.prototype), { stage: this, places: [], about: "", isAwaited: false, verdict: null, sent: 0 }));
    this.answer(0, "the first", this.box);
  }

  /** @param {StageEvent} event */
  report(event) {
    this.requests.report(event);
  }

  /** @param {Box} box */
  setBox(box) {
    this.box = box;
    this.nudge.clear();
    this.report({ box });
  }

  /** What is said of the nudge, and of the prediction. */
  get said() {
    return [this.nudge.trail?.sentence, this.prediction.verdict?.sentence];
  }

  /** Python answers an event. @param {number} ack @param {string} sentence @param {Box} box @param {string} [stillId] */
  answer(ack, sentence, box, stillId = "home") {
    keepStill(stillId, /** @type {any} */ ({ map: "animation" }));
    const told = { trail: { sentence }, verdict: { sentence } };
    this.kept.onanswer?.(/** @type {any} */ ({ ack, box, still_id: stillId, ...(sentence && told) }));
  }
}

test("of two quick nudges the trail is that of the second, whose answer comes last", () => {
  const stage = new FakeStage(), [x1, , x2, y2] = stage.box;
  stage.nudge.move();
  stage.answer(1, "", [x1, 2.2, x2, y2]); // to the box alone: the nudge is asked in the next event
  stage.nudge.move();
  assert.deepEqual(stage.box, [x1, 2.7, x2, y2]);
  stage.answer(2, "y1 from 2.70 to 2.20", [x1, 2.2, x2, y2]);
  assert.deepEqual(stage.said, [undefined, undefined]);
  assert.deepEqual(stage.asked.at(-1)?.nudged, { side: "y1", from: 2.2 });
  stage.answer(3, "y1 from 2.20 to 2.70", [x1, 2.7, x2, y2]);
  assert.deepEqual(stage.said, ["y1 from 2.20 to 2.70", undefined]);
});

test("a trail goes with another map or option, and with a box that Python sets; not with what Streamlit brings again", () => {
  for (const [stillId, y1, stays] of /** @type {[string, number, boolean][]} */ ([["home", 2.2, true], ["other", 2.2, false], ["home", 3, false]])) {
    const stage = new FakeStage(), [x1, , x2, y2] = stage.box;
    stage.nudge.move();
    stage.answer(1, "", [x1, 2.2, x2, y2]);
    stage.answer(2, "y1 from 2.70 to 2.20", [x1, 2.2, x2, y2]);
    stage.answer(2, "y1 from 2.70 to 2.20", [x1, 2.2, x2, y2]);
    stage.report({ commit: true });
    stage.answer(3, "", [x1, y1, x2, y2], stillId);
    assert.deepEqual(stage.said, [stays ? "y1 from 2.70 to 2.20" : undefined, undefined]);
  }
});

test("of two quick predictions the verdict is that on the second", () => {
  const stage = new FakeStage(), { prediction } = stage;
  prediction.places = [[1, 1]];
  prediction.check();
  prediction.clear(); // another bin was pinned
  prediction.places = [[2, 3]];
  prediction.check();
  stage.answer(1, "on the first", stage.box);
  assert.deepEqual(stage.said, [undefined, undefined]);
  assert.deepEqual(stage.asked.at(-1)?.guess, [[3, 2]]);
  stage.answer(2, "on the second", stage.box);
  assert.deepEqual(stage.said, [undefined, "on the second"]);
});
