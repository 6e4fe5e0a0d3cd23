import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Following } from "../../assets/stage/room_follow.js";

/** @typedef {import("../../assets/stage/room_wire.js").RoomShow} RoomShow */

/** A student's stage, which notes where it is to go and what it reports. @param {string} page */
const stageOf = (page) => {
  /** @type {string[]} */
  const asked = [];
  const requests = { leave: (/** @type {string} */ target) => asked.push(target), show: () => asked.push("shown") };
  const report = (/** @type {{ step: string }} */ { step }) => asked.push(step);
  return { still: { page, quiz: { seed: 1 } }, step: "", requests, report, asked };
};

/** @param {ReturnType<typeof stageOf>} stage */
const followingOf = (stage) => {
  const room = { stage, isLecturer: false, apply: (/** @type {() => void} */ act) => act(), draw() {} };
  return { room, following: new Following(/** @type {any} */ (room)) };
};

/** @param {Following} following @param {string} page @param {string} [step] */
const show = (following, page, step) => {
  following.shown = { show: /** @type {RoomShow} */ ({ page, path: page, address: "seed=1", step }), update: null };
  following.follow();
};

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("another page is asked for once", () => {
  const stage = stageOf("network"), { following } = followingOf(stage);
  show(following, "quantization");
  show(following, "quantization");
  assert.deepEqual(stage.asked, ["quantization"]);
  show(following, "quiz");
  assert.deepEqual(stage.asked, ["quantization", "quiz"]);
});

test("a stage that ended on another page had something to ask still: the next one asks it", () => {
  const { room, following } = followingOf(stageOf("network"));
  show(following, "quantization");
  show(following, "quiz"); // waits for the answer to the one before
  room.stage = stageOf("quantization"); // which comes, and ends the stage
  following.follow();
  assert.deepEqual(room.stage.asked, ["quiz"]);
  room.stage = stageOf("quiz");
  following.follow();
  assert.equal(following.asked, null);
});

test("where nothing comes of it for a while, it is asked for again", () => {
  const stage = stageOf("network"), { following } = followingOf(stage);
  show(following, "quiz");
  mock.timers.tick(8000);
  assert.deepEqual(stage.asked, ["quiz", "quiz"]);
  stage.still.page = "quiz";
  following.follow();
  mock.timers.tick(60_000);
  assert.deepEqual(stage.asked.slice(0, 2), ["quiz", "quiz"]);
  assert.ok(!stage.asked.slice(2).includes("quiz"), "it is there");
});

test("a question of the quiz is opened once on each stage", () => {
  const first = stageOf("quiz"), { room, following } = followingOf(first);
  show(following, "quiz", "snap");
  show(following, "quiz", "snap");
  room.stage = stageOf("quiz");
  show(following, "quiz", "snap");
  assert.deepEqual([first.asked, room.stage.asked], [["snap"], ["snap"]]);
});
