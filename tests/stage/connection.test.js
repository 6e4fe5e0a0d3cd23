import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Requests, keepStill } from "../../assets/stage/connection.js";

/** @typedef {import("../../assets/stage/wire.js").Box} Box */
/** @typedef {import("../../assets/stage/events.js").SentEvent} SentEvent */
/** @typedef {import("../../assets/stage/wire.js").Update} Update */

const FOCUS = { row: 0, column: 1, sample: 2 };
let stills = 0;

/** A way to Python that keeps what it was asked. */
class FakeConnection {
  isOpen = true;
  /** @type {SentEvent[]} */
  asked = [];
  /** @type {import("../../assets/stage/connection.js").Connection["onanswer"]} */
  onanswer = null;

  /** @param {SentEvent} event */
  ask(event) {
    this.asked.push(event);
  }

  get last() {
    return this.asked.at(-1);
  }
}

/** A stage without a page: it notes what it is told. */
class FakeStage {
  /** @type {Box} */
  box = [0, 0, 1, 1];
  isHeld = false;
  isGone = false;
  isReachable = true;
  /** @type {[ack: number | undefined, isBusy: boolean][]} */
  taken = [];
  /** @type {number[]} */
  restarts = [];
  /** @type {string[]} */
  opened = [];
  kept = new FakeConnection();
  quick = new FakeConnection();
  stillId = `still-${++stills}`; // every test its own: the browser keeps what was sent once

  constructor() {
    this.requests = new Requests({
      place: () => ({ box: this.box }),
      view: () => ({ page: "roi_align", focus: FOCUS }),
      isHeld: () => this.isHeld,
      take: ({ ack }, _still, isBusy) => this.taken.push([ack, isBusy]),
      restart: (sequence) => this.restarts.push(sequence),
      isGone: () => this.isGone,
      isReachable: async () => this.isReachable,
      open: (href) => this.opened.push(href),
    }, this.kept, this.quick);
  }

  /** @param {number} ack @param {Partial<Update>} [more] */
  update(ack, more = {}) {
    return /** @type {Update} */ ({ kind: "lesson", still_id: this.stillId, ack, panels: [], step: "bins", focus: [0, 0, 0], ...more });
  }

  /** Streamlit draws the page. @param {number} ack @param {Partial<Update>} [more] */
  streamlitAnswers(ack, more = {}) {
    this.kept.onanswer?.(this.update(ack, { address: "lang=en", ...more }));
  }

  /** @param {number} ack @param {Partial<Update>} [more] */
  socketAnswers(ack, more = {}) {
    this.quick.onanswer?.(this.update(ack, more));
  }

  /** @param {Box} box */
  drag(box) {
    this.box = box;
    this.requests.report({ box });
  }
}

/** A stage that has its first answer. */
function opened() {
  const stage = new FakeStage();
  stage.streamlitAnswers(0, { still: /** @type {any} */ ({ page: "roi_align" }) });
  return stage;
}

/** Let promises that are settled go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("the first answer is drawn with the place that Python knows", () => {
  assert.deepEqual(opened().taken, [[0, false]]);
});

test("a drag goes by the quick connection, with where the page stands and what the browser has", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  assert.deepEqual(stage.quick.asked, [
    { page: "roi_align", focus: FOCUS, address: "lang=en", box: [1, 1, 2, 2], seq: 1, have: stage.stillId },
  ]);
  assert.deepEqual(stage.kept.asked, []);
  stage.socketAnswers(1);
  assert.deepEqual(stage.taken.at(-1), [1, false]);
});

test("what is kept goes to Streamlit, with the box as it is on the screen", () => {
  const stage = opened();
  stage.box = [1, 1, 3, 3];
  stage.requests.report({ commit: true });
  assert.deepEqual(stage.kept.asked, [{ box: [1, 1, 3, 3], commit: true, seq: 1, have: stage.stillId }]);
  assert.deepEqual(stage.quick.asked, []);
});

test("without a quick connection a drag goes to Streamlit", () => {
  const stage = opened();
  stage.quick.isOpen = false;
  stage.drag([1, 1, 2, 2]);
  assert.equal(stage.kept.asked.length, 1);
});

test("one request is in flight, and the latest position wins", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.drag([2, 2, 3, 3]);
  stage.drag([3, 3, 4, 4]);
  assert.equal(stage.quick.asked.length, 1);
  stage.socketAnswers(1);
  assert.deepEqual(stage.taken.at(-1), [1, true], "its numbers are drawn, its box is behind that on the screen");
  assert.deepEqual(stage.quick.asked.map(({ box }) => box), [[1, 1, 2, 2], [3, 3, 4, 4]]);
  stage.socketAnswers(2);
  assert.deepEqual(stage.taken.at(-1), [2, false]);
});

test("the next request is on its way before the answer is drawn", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.drag([2, 2, 3, 3]);
  let sent = 0;
  stage.requests.asker.take = () => (sent = stage.quick.asked.length);
  stage.socketAnswers(1);
  assert.equal(sent, 2);
});

test("an answer to another request is not taken from the quick connection", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.socketAnswers(7);
  assert.deepEqual(stage.taken, [[0, false]]);
});

test("a drag whose answer is lost is asked again through Streamlit after 1.5 s, with the box of now", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.box = [5, 5, 6, 6];
  mock.timers.tick(1499);
  assert.equal(stage.kept.asked.length, 0);
  mock.timers.tick(1);
  assert.deepEqual(stage.kept.asked, [{ box: [5, 5, 6, 6], again: 1, seq: 2, have: stage.stillId }]);
  assert.deepEqual(stage.restarts, [], "Streamlit was not asked yet");
});

test("an answer in time stops the clock", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.socketAnswers(1);
  mock.timers.tick(60_000);
  assert.equal(stage.quick.asked.length + stage.kept.asked.length, 1);
});

test("what Streamlit does not answer is asked again, twice as late each time, of a page that runs anew", () => {
  const stage = opened();
  stage.requests.report({ step: "join", commit: true });
  const times = [1500, 3000, 6000, 6000];
  times.forEach((wait, k) => {
    mock.timers.tick(wait - 1);
    assert.equal(stage.kept.asked.length, k + 1);
    mock.timers.tick(1);
    assert.equal(stage.kept.asked.length, k + 2);
  });
  assert.deepEqual(stage.kept.last, { box: [0, 0, 1, 1], step: "join", commit: true, again: 4, seq: 5, have: stage.stillId });
  assert.deepEqual(stage.restarts, [1, 2, 3, 4]);
});

test("after twelve times an event is given up, and what waits is sent", () => {
  const stage = opened();
  stage.requests.report({ step: "join" });
  for (let k = 0; k < 11; k++) mock.timers.tick(6000);
  assert.equal(stage.kept.asked.length, 12);
  mock.timers.tick(60_000);
  assert.equal(stage.kept.asked.length, 12);
  stage.requests.report({ step: "bins" });
  assert.equal(stage.kept.last?.step, "bins");
});

test("a lost event is merged with what waits: the later wins, options of both are set", () => {
  const stage = opened();
  stage.requests.report({ set: { out: "2,2", map: "corner" }, step: "bins", commit: true });
  stage.requests.report({ set: { out: "3,3" }, step: "join" });
  mock.timers.tick(1500);
  const { set, step, commit, again } = /** @type {SentEvent} */ (stage.kept.last);
  assert.deepEqual({ set, step, commit, again }, { set: { out: "3,3", map: "corner" }, step: "join", commit: true, again: 1 });
});

test("what the quick connection refuses goes through Streamlit; after three refusals it is not asked", () => {
  const stage = opened();
  for (let k = 0; k < 3; k++) {
    stage.drag([k, 1, 5, 2]);
    const seq = stage.requests.sequence;
    stage.quick.onanswer?.({ refused: true, ack: seq });
    assert.deepEqual(stage.kept.last, { box: [k, 1, 5, 2], again: 1, focus: FOCUS, seq: seq + 1, have: stage.stillId });
    stage.streamlitAnswers(seq + 1);
  }
  stage.drag([4, 1, 5, 2]);
  assert.equal(stage.quick.asked.length, 3);
  assert.equal(stage.kept.asked.length, 4);
});

test("after another map the quick connection is asked again", () => {
  const stage = opened();
  stage.requests.refusals = 3;
  stage.streamlitAnswers(0, { still_id: `${stage.stillId}-other`, still: /** @type {any} */ ({ page: "roi_align" }) });
  stage.drag([1, 1, 2, 2]);
  assert.equal(stage.quick.asked.length, 1);
});

test("what is kept says on which map its box is, as it may be asked again when Python is on the next map", () => {
  const stage = new FakeStage();
  stage.streamlitAnswers(0, { still: /** @type {any} */ ({ page: "image", map: "photo-32" }) });
  stage.box = [2, 2, 4, 4];
  stage.requests.report({ set: { photo: "16" } });
  mock.timers.tick(1500); // the answer is late
  assert.deepEqual(stage.kept.asked.map(({ box, on }) => [box, on]), [[[2, 2, 4, 4], "photo-32"], [[2, 2, 4, 4], "photo-32"]]);
});

test("with another map comes its box, and what was dragged on the map before is forgotten", () => {
  const stage = new FakeStage();
  stage.streamlitAnswers(0, { still: /** @type {any} */ ({ page: "image", map: "photo-32" }) });
  stage.requests.report({ set: { photo: "16" } });
  stage.drag([2, 2, 4, 4]);
  const still_id = `${stage.stillId}-other`;
  stage.streamlitAnswers(1, { still_id, still: /** @type {any} */ ({ page: "image", map: "photo-16" }) });
  assert.deepEqual(stage.taken.at(-1), [1, false]);
  assert.deepEqual(stage.quick.asked.map(({ box }) => box), [stage.box], "the place of the stage, not [2, 2, 4, 4] of the map before");
});

test("an older answer that Streamlit draws again is not taken while something newer is under way", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.socketAnswers(1);
  stage.requests.report({ commit: true }); // on its way to Streamlit
  stage.streamlitAnswers(0);
  assert.deepEqual(stage.taken, [[0, false], [1, false]]);
  stage.streamlitAnswers(2);
  assert.deepEqual(stage.taken.at(-1), [2, false]);
});

test("nor while the box is held", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.socketAnswers(1);
  stage.isHeld = true;
  stage.streamlitAnswers(0);
  assert.equal(stage.taken.length, 2);
});

test("an older answer that is not contradicted by anything is what Python knows", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.socketAnswers(1);
  stage.streamlitAnswers(0);
  assert.deepEqual(stage.taken.at(-1), [0, false]);
});

test("an older answer with another map is taken", () => {
  const stage = opened();
  stage.drag([1, 1, 2, 2]);
  stage.socketAnswers(1);
  stage.isHeld = true;
  stage.streamlitAnswers(0, { still_id: `${stage.stillId}-other`, still: /** @type {any} */ ({ page: "roi_align" }) });
  assert.deepEqual(stage.taken.at(-1), [0, true]);
});

test("a browser that does not have the map and the words asks for them", () => {
  const stage = new FakeStage();
  stage.streamlitAnswers(3);
  assert.deepEqual(stage.taken, []);
  assert.deepEqual(stage.kept.asked, [{ lost: true, seq: 4, have: null }], "numbers go on from those of the page before");
});

test("what was sent once is not asked for by the next stage", () => {
  const first = opened(), second = new FakeStage();
  second.stillId = first.stillId;
  second.streamlitAnswers(0);
  assert.deepEqual(second.taken, [[0, false]]);
});

test("to another page: Python is asked, and after 6 s the link is followed without it", async () => {
  const stage = opened();
  stage.requests.leave("quiz", "Quiz?lang=en");
  assert.equal(stage.kept.last?.go_to, "quiz");
  mock.timers.tick(5999);
  await settle();
  assert.deepEqual(stage.opened, []);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual(stage.opened, ["Quiz?lang=en"]);
  assert.deepEqual(stage.restarts, [], "nothing is asked of this page again");
});

test("a link waits for a server that is away", async () => {
  const stage = opened();
  stage.isReachable = false;
  stage.requests.leave("quiz", "Quiz?lang=en");
  mock.timers.tick(6000);
  await settle();
  assert.deepEqual(stage.opened, []);
  stage.isReachable = true;
  mock.timers.tick(1500);
  await settle();
  assert.deepEqual(stage.opened, ["Quiz?lang=en"]);
});

test("a page that was left meanwhile follows no link", async () => {
  const stage = opened();
  stage.requests.leave("quiz", "Quiz?lang=en");
  stage.isGone = true;
  mock.timers.tick(6000);
  await settle();
  assert.deepEqual(stage.opened, []);
});

test("a link that Python answered is not followed", async () => {
  const stage = opened();
  stage.requests.leave("quiz", "Quiz?lang=en");
  stage.streamlitAnswers(1);
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual(stage.opened, []);
});

test("a stage that ends waits for nothing", () => {
  const stage = opened();
  stage.requests.report({ commit: true });
  stage.requests.end();
  mock.timers.tick(60_000);
  assert.equal(stage.kept.asked.length, 1);
  assert.deepEqual(stage.restarts, []);
});

test("two stages share one quick connection: the answer goes to the one that asked last", () => {
  const first = opened(), second = opened();
  second.quick = second.requests.quick = first.quick;
  first.drag([1, 1, 2, 2]);
  first.socketAnswers(1);
  second.drag([2, 2, 3, 3]);
  first.quick.onanswer?.(second.update(1));
  assert.deepEqual([first.taken.length, second.taken.length], [2, 2]);
});

test("of what was sent the newest is kept, and what is gone is asked for again", () => {
  const stage = new FakeStage(), still = /** @type {any} */ ({ map: "animation" });
  stage.streamlitAnswers(0, { still_id: "first", still });
  for (let k = 0; k < 30; k++) keepStill(`later-${k}`, still);
  stage.streamlitAnswers(1, { still_id: "later-29" });
  assert.deepEqual(stage.kept.asked, []);
  stage.streamlitAnswers(2, { still_id: "first" });
  assert.equal(stage.kept.last?.lost, true);
});
