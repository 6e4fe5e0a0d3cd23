/** What a browser keeps of the quiz: `node --test tests/stage`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { remember } from "../../assets/stage/quiz_memory.js";

/** A browser that keeps texts. @param {Record<string, string>} [texts] */
function storageWith(texts = {}) {
  return {
    texts,
    /** @param {string} name */
    getItem: (name) => texts[name] ?? null,
    /** @param {string} name @param {string} text */
    setItem(name, text) { texts[name] = text; },
  };
}

/** What is reported when a page with those answers is drawn. @param {number} seed @param {Record<string, string>} labels
 * @param {Pick<Storage, "getItem" | "setItem">} storage */
function reportedBy(seed, labels, storage) {
  /** @type {unknown[]} */
  const reported = [];
  remember(seed, labels, (event) => reported.push(event), storage);
  return reported;
}

test("an answer is kept, and told when the page comes without it", () => {
  const storage = storageWith();
  assert.deepEqual(reportedBy(11, {}, storage), []);
  assert.deepEqual(storage.texts, {});
  assert.deepEqual(reportedBy(11, { snap: "3" }, storage), []);
  assert.deepEqual(storage.texts, { "roialign-lab quiz 11": '{"snap":"3"}' });
  assert.deepEqual(reportedBy(11, {}, storage), [{ kept: { seed: 11, labels: { snap: "3" } } }]);
  assert.deepEqual(reportedBy(11, { snap: "3" }, storage), []);
  assert.deepEqual(storage.texts, { "roialign-lab quiz 11": '{"snap":"3"}' });
});

test("a Python that lost its session after a reload is told again", () => {
  const storage = storageWith({ "roialign-lab quiz 18": '{"snap":"3","x":1}' }), told = [{ kept: { seed: 18, labels: { snap: "3", x: 1 } } }];
  assert.deepEqual(reportedBy(18, {}, storage), told); // the reload
  reportedBy(18, { snap: "3" }, storage); // taken, without what is nonsense
  assert.deepEqual(reportedBy(18, { snap: "3" }, storage), []);
  assert.deepEqual(reportedBy(18, {}, storage), told); // another Python
  assert.deepEqual(reportedBy(18, {}, storage), []);

  const whole = storageWith({ "roialign-lab quiz 19": '{"snap":"3"}' });
  const counts = ["{}", '{"snap":"3"}', "{}", "{}"].map((labels) => reportedBy(19, JSON.parse(labels), whole).length);
  assert.deepEqual(counts, [1, 0, 1, 0]);
});

test("the answers of other questions stay as they are", () => {
  const storage = storageWith({ "roialign-lab quiz 12": '{"snap":"3"}' });
  assert.deepEqual(reportedBy(13, { cells: "(1) × (2)" }, storage), []);
  assert.deepEqual(reportedBy(12, { snap: "3", join: "quiz.join.max" }, storage), []);
  assert.deepEqual(storage.texts, {
    "roialign-lab quiz 12": '{"snap":"3","join":"quiz.join.max"}', "roialign-lab quiz 13": '{"cells":"(1) × (2)"}',
  });
});

test("what another tab answered is not lost", () => {
  const storage = storageWith({ "roialign-lab quiz 14": '{"snap":"3"}' });
  assert.equal(reportedBy(14, { cells: "x" }, storage).length, 1);
  assert.deepEqual(storage.texts, { "roialign-lab quiz 14": '{"snap":"3","cells":"x"}' });
});

test("nonsense is told once, or not at all, and never breaks the page", () => {
  for (const text of ["", "null", "3", '"snap"', "[1]", "{", "undefined", `{"snap":"${"3".repeat(5000)}"}`]) {
    assert.deepEqual(reportedBy(15, {}, storageWith({ "roialign-lab quiz 15": text })), [], text);
  }
  const storage = storageWith({ "roialign-lab quiz 16": '{"snap":{"__proto__":1},"x":null}' });
  assert.equal(reportedBy(16, {}, storage).length, 1);
  assert.equal(reportedBy(16, {}, storage).length, 0); // Python did not take it
});

test("a browser that keeps nothing is as good", () => {
  const refuse = () => { throw new Error("SecurityError"); };
  assert.deepEqual(reportedBy(17, { snap: "3" }, { getItem: refuse, setItem: refuse }), []);
  assert.deepEqual(reportedBy(17, { snap: "3" }, { getItem: () => '{"join":"x"}', setItem: refuse }), [
    { kept: { seed: 17, labels: { join: "x" } } },
  ]);
});
