/** The worker: one Python, one visit (`roialign_lab/site/visit.py`). It answers one message after the other. */

import { MissingFile, startPython } from "./python.js";

/* global PARTS */

/**
 * @typedef {object} Request
 * @property {string} call  a method of the visit
 * @property {any[]} args
 * @property {number} [id]  comes back with the result; what has none is a page or an event of the stage
 */

const start = startPython(new URL("../python/", import.meta.url), PARTS, (share) => postMessage({ progress: share }));
const visit = start.then((python) => python.runPython("from roialign_lab.site.visit import Visit\nVisit()"));
visit.catch((/** @type {Error} */ error) => {
  postMessage({ failed: error instanceof MissingFile ? "missing" : "python", detail: error.message });
});

onmessage = async (/** @type {MessageEvent<Request>} */ { data: { call, args, id } }) => {
  const lesson = await visit.catch(() => null); // it was said
  if (!lesson) return;
  try {
    const result = lesson[call](...args);
    postMessage(id === undefined ? { answer: result } : { id, result });
  } catch (error) {
    console.error(error);
    postMessage({ id, unanswered: true });
  }
};
