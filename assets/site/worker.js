/** The worker: one Python, one visit (`roialign_lab/site/visit.py`). It answers one message after the other. */

import { MissingFile, startPython } from "./python.js";

/* global PARTS */

/**
 * @typedef {object} Request
 * @property {{ page: string, query: string, language: string }} [open]
 * @property {string} [event]  JSON
 */

const start = startPython(new URL("../python/", import.meta.url), PARTS, (share) => postMessage({ progress: share }));
const visit = start.then((python) => python.runPython("from roialign_lab.site.visit import Visit\nVisit()"));
visit.catch((/** @type {Error} */ error) => {
  postMessage({ failed: error instanceof MissingFile ? "missing" : "python", detail: error.message });
});

onmessage = async (/** @type {MessageEvent<Request>} */ { data: { open, event } }) => {
  const lesson = await visit.catch(() => null); // it was said
  if (!lesson) return;
  try {
    postMessage({ answer: open ? lesson.open(open.page, open.query, open.language) : lesson.take(event) });
  } catch (error) {
    console.error(error);
    postMessage({ unanswered: true });
  }
};
