import assert from "node:assert/strict";
import { test } from "node:test";

import { asksForTheSame, pageAt, queryFor } from "../../assets/site/places.js";
import { WorkerConnection } from "../../assets/site/worker_connection.js";

const FOLDERS = { home: "./", roi_align: "RoI_Align/" };

test("a path below the site names a page, with or without the name of its file", () => {
  assert.deepEqual(["", "index.html", "RoI_Align/", "RoI_Align", "RoI_Align/index.html", "thesis/"].map((path) => pageAt(path, FOLDERS)),
    ["home", "home", "roi_align", "roi_align", "roi_align", undefined]);
});

test("what a frame asks for stays in the address", () => {
  assert.equal(queryFor("box=1,2,3,4", true), "?box=1,2,3,4&embed=1");
  assert.equal(queryFor("", false), "");
});

test("queries are the same whatever the order, the escapes and the frame", () => {
  assert.ok(asksForTheSame("?box=1%2C2&lang=en", "lang=en&box=1,2&embed=1"));
  assert.ok(!asksForTheSame("?box=1,2", "box=1,3"));
});

/** A page whose workers are made here: what each was sent, and what the page heard. */
function makePage() {
  const sent = /** @type {any[][]} */ ([]), heard = /** @type {any[]} */ ([]);
  const workers = /** @type {any[]} */ ([]);
  const connection = new WorkerConnection(() => {
    const messages = /** @type {any[]} */ ([]);
    sent.push(messages);
    const worker = {
      onmessage: null, onerror: null, isGone: false,
      postMessage: (/** @type {any} */ message) => messages.push(message),
      terminate() { this.isGone = true; },
    };
    workers.push(worker);
    return worker;
  }, {
    place: () => ({ page: "roi_align", query: `visit=${workers.length}`, language: "en" }),
    theme: () => "dark",
    onanswer: () => {},
    onprogress: (share) => heard.push(share),
    onfailure: (reason) => heard.push(reason),
  });
  const answer = (/** @type {number} */ ack) => workers.at(-1).onmessage({ data: { answer: JSON.stringify({ update: { ack } }) } });
  return { connection, workers, sent, heard, answer };
}

test("what is done while Python starts waits, and the newest is asked", () => {
  const { connection, sent, answer } = makePage();
  connection.ask({ box: [0, 0, 1, 1], seq: 1, have: null });
  connection.ask({ box: [0, 0, 2, 2], seq: 2, have: null });
  assert.equal(sent[0].length, 1, "only the page to open");
  answer(0);
  assert.deepEqual(sent[0].slice(1), [{ call: "take", args: ['{"box":[0,0,2,2],"seq":2,"have":null}'] }]);
});

test("a worker that is silent through two lost answers is replaced where the page stands", () => {
  const { connection, workers, sent, answer } = makePage();
  connection.restart();
  connection.restart();
  assert.equal(workers.length, 1, "it only starts");
  answer(0);
  connection.restart();
  answer(1);
  connection.restart();
  assert.equal(workers.length, 1, "an answer came in between");
  connection.restart();
  assert.deepEqual([workers.length, workers[0].isGone], [2, true]);
  assert.deepEqual(sent[1], [{ call: "open", args: ["roi_align", "visit=2", "en"] }]);
});

test("after a failure no progress is shown", () => {
  const { workers, heard } = makePage();
  for (const data of [{ progress: 0.5 }, { failed: "missing" }, { progress: 0.75 }]) workers[0].onmessage({ data });
  assert.deepEqual(heard, [0.5, "missing"]);
});

test("what is called has its own answer, and fails where Python starts anew", async () => {
  const { connection, workers, sent, answer } = makePage();
  answer(0);
  const first = connection.call("section", "surface", "{}"), second = connection.call("file", "csv");
  workers[0].onmessage({ data: { id: 2, result: '{"name":"a.csv"}' } });
  assert.deepEqual(await second, { name: "a.csv" });
  assert.deepEqual(sent[0].at(-2), { call: "section", args: ["surface", "{}"], id: 1 });
  connection.restart();
  connection.restart();
  await assert.rejects(first, /starts anew/);
});

test("a figure is ordered in the theme of the page", () => {
  const { connection, sent, answer } = makePage();
  answer(0);
  connection.ask({ figure: "svg", seq: 1, have: null });
  assert.deepEqual(JSON.parse(sent[0].at(-1).args[0]), { figure: "svg", seq: 1, have: null, theme: "dark" });
});
