/** The worker: one Python, one visit (`roialign_lab/site/visit.py`). It answers one message after the other. */

import { keepPython, MissingFile, startPython } from "./python.js";

/* global PARTS */

/**
 * @typedef {object} Request
 * @property {string} call  a method of the visit
 * @property {any[]} args
 * @property {number} [id]  comes back with the result; what has none is a page or an event of the stage
 * @property {number} [opened]  how many pages were opened by then: comes back with such an answer
 */

const FOLDER = new URL("../python/", import.meta.url);
const READS_WEIGHTS = /network|drawn/; // the page of trained networks, and maps that they make; nothing else waits for them
const BRINGS = /^(?:keep|photo)_/; // a file of the visitor's, which is nobody else's
const BROUGHT = /matrix-/; // numbers of theirs, in an address
const REST = 1000; // ms without a message, after which what Python has loaded is kept for the next visit
const start = startPython(FOLDER, PARTS, (share) => postMessage({ progress: share }));
const visit = start.then(({ python }) => python.runPython("from roialign_lab.site.visit import Visit\nVisit()"));
/** Why there is no Python: said at once, and to every message, for the page may not have listened yet. */
const failure = visit.then(() => null, (/** @type {Error} */ error) =>
  ({ failed: error instanceof MissingFile ? "missing" : "python", detail: error.message }));
failure.then((said) => said && postMessage(said));

/** @type {Promise<void> | undefined} */
let weights;

async function loadWeights() {
  const { python } = await start, path = python.runPython("from roialign_lab.lesson.mask_networks import WEIGHTS\nstr(WEIGHTS)");
  const come = await fetch(new URL(path.split("/").at(-1), FOLDER))
    .then((response) => (response.ok ? response.arrayBuffer() : null)).catch(() => null);
  if (come) python.FS.writeFile(path, new Uint8Array(come));
  else weights = undefined; // the page says that they are missing; asked again at the next message
}

let mayKeep = true;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting;

/** Keep what is in memory once nobody has asked for a while. */
function keepAtRest() {
  clearTimeout(resting);
  if (mayKeep) resting = setTimeout(keep, REST);
}

async function keep() {
  mayKeep = false;
  const { python, isNew } = await start;
  if (isNew) await keepPython(FOLDER, python).catch(console.warn); // private windows and full disks keep nothing
}

/** The messages so far: each is answered after those before it, also where one waits for a file. */
let answered = Promise.resolve();

onmessage = (/** @type {MessageEvent<Request>} */ { data }) => {
  answered = answered.then(() => answer(data));
};

/** @param {Request} request */
async function answer({ call, args, id, opened }) {
  const failed = await failure;
  if (failed) return postMessage(failed);
  const lesson = await visit;
  const said = (/** @type {RegExp} */ words) => args.some((arg) => typeof arg === "string" && words.test(arg));
  mayKeep &&= !BRINGS.test(call) && !said(BROUGHT);
  try {
    if (said(READS_WEIGHTS)) await (weights ??= loadWeights());
    const result = lesson[call](...args);
    postMessage(id === undefined ? { answer: result, opened } : { id, result });
  } catch (error) {
    console.error(error);
    postMessage({ id, unanswered: true });
  }
  keepAtRest();
}
