import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { AddressBar } from "../../assets/site/address_bar.js";
import { OwnData } from "../../assets/site/own_data.js";
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
  const answered = /** @type {number[]} */ ([]);
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
    onanswer: ({ update }) => answered.push(/** @type {number} */ (update.ack)),
    onprogress: (share) => heard.push(share),
    onfailure: (reason) => heard.push(reason),
  });
  const answer = (/** @type {number} */ ack, opened = workers.length) =>
    workers.at(-1).onmessage({ data: { answer: JSON.stringify({ update: { ack } }), opened } });
  return { connection, workers, sent, heard, answered, answer };
}

test("what is done while Python starts waits, and the newest is asked", () => {
  const { connection, sent, answer } = makePage();
  connection.ask({ box: [0, 0, 1, 1], seq: 1, have: null });
  connection.ask({ box: [0, 0, 2, 2], seq: 2, have: null });
  assert.equal(sent[0].length, 1, "only the page to open");
  answer(0);
  assert.deepEqual(sent[0].slice(1), [{ call: "take", args: ['{"box":[0,0,2,2],"seq":2,"have":null}'], opened: 1 }]);
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
  assert.deepEqual(sent[1], [{ call: "open", args: ["roi_align", "visit=2", "en"], opened: 2 }]);
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

test("what was asked before another page was opened is no answer of that page", () => {
  const { connection, sent, answered, answer } = makePage();
  answer(0);
  connection.ask({ box: [0, 0, 1, 1], commit: true, seq: 1, have: null });
  connection.open();
  answer(1, sent[0].at(-2).opened);
  assert.deepEqual(answered, [0]);
  answer(0, sent[0].at(-1).opened);
  assert.deepEqual(answered, [0, 0]);
});

/** A tab that notes what is written in its address bar, and refuses after so many. */
function makeTab(most = Infinity) {
  const written = /** @type {string[]} */ ([]), location = { href: "https://lab.example.org/" };
  const write = (/** @type {any} */ _state, /** @type {string} */ _title, /** @type {any} */ href) => {
    if (written.length >= most) throw new Error("refused");
    written.push(location.href = href);
  };
  return { written, tab: { location, history: { pushState: write, replaceState: write } } };
}

const at = (/** @type {number} */ x) => new URL(`https://lab.example.org/?x=${x}`);

test("a key that is held for half a minute writes the address at once, at its end and less than a hundred times", () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { tab, written } = makeTab(), bar = new AddressBar(tab);
  for (let k = 0; k < 900; k++) {
    bar.note(at(k));
    if (k === 0) assert.deepEqual(written, [at(0).href]);
    mock.timers.tick(33);
  }
  mock.timers.tick(1000);
  mock.timers.reset();
  assert.equal(written.at(-1), at(899).href);
  assert.ok(written.length > 60 && written.length < 100, `${written.length} times`);
});

test("what waits is written before the page is left, and not over the page that Back opened", () => {
  const { tab, written } = makeTab(), bar = new AddressBar(tab);
  for (let k = 0; k < 100; k++) bar.note(at(k));
  assert.notEqual(written.at(-1), at(99).href);
  bar.open(at(100));
  assert.deepEqual(written.slice(-2), [at(99).href, at(100).href]);
  bar.note(at(101));
  bar.forget();
  bar.write();
  assert.equal(written.at(-1), at(100).href);
});

test("where the browser refuses the page goes on", () => {
  const { tab, written } = makeTab(0), bar = new AddressBar(tab), warn = mock.method(console, "warn", () => {});
  bar.note(at(1));
  bar.open(at(2));
  bar.forget();
  warn.mock.restore();
  assert.deepEqual(written, []);
});

/** Own data on a page whose Python answers so, and the file that is chosen; what was read of it is noted. @param {(...args: any[]) => any} answer */
function makeOwnData(answer) {
  const calls = /** @type {any[][]} */ ([]), read = /** @type {string[]} */ ([]), problem = { textContent: "", hidden: true };
  const file = {
    name: "layer3.npy", size: 3,
    slice: () => { read.push("slice"); return file; },
    arrayBuffer: async () => { read.push("whole"); return Uint8Array.of(1, 2, 3).buffer; },
  };
  const parts = /** @type {Record<string, any>} */ ({ '[data-own="problem"]': problem, '[data-own="file"]': { files: [file] } });
  const root = /** @type {any} */ ({ addEventListener: () => {}, querySelector: (/** @type {string} */ asked) => parts[asked] ?? null });
  const own = new OwnData(root, {
    call: async (...args) => { calls.push(args); return answer(...args); },
    take: () => {}, place: () => "roi_align 1", noPhoto: () => "no photo", noFile: () => "no file", noAnswer: () => "try again",
  });
  return { own, file, calls, read, problem };
}

for (const name of ["layer3.npy", "cat.jpg"]) {
  test(`${name}: nothing is read of what Python does not take, and it is said`, async () => {
    const { own, file, calls, read, problem } = makeOwnData(() => ({ problem: "too large" }));
    Object.assign(file, { name });
    await own.read(null);
    assert.deepEqual([calls, read, problem], [[["photo_or_maps", name, 3]], [], { textContent: "too large", hidden: false }]);
  });
}

test("a file that Python takes is read whole and handed over", async () => {
  const { own, calls, read, problem } = makeOwnData((method) => (method === "photo_or_maps" ? { kind: "maps" } : {}));
  await own.read("first");
  assert.deepEqual(calls, [["photo_or_maps", "layer3.npy", 3], ["keep_file", "layer3.npy", Uint8Array.of(1, 2, 3), "first"]]);
  assert.deepEqual([read, problem.hidden], [["whole"], true]);
});

test("where Python gives no answer that is said", async () => {
  mock.method(console, "error", () => {});
  const { own, problem } = makeOwnData((method) => {
    if (method === "photo_or_maps") return { kind: "maps" };
    throw new Error("Python gave no answer");
  });
  await own.read(null);
  assert.deepEqual(problem, { textContent: "try again", hidden: false });
  mock.restoreAll();
});
