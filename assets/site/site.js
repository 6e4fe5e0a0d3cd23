/**
 * A page of the site: the stage of the app, with Python in a worker instead of behind a server.
 *
 *     site → worker_connection → worker → python → roialign_lab/site/visit.py
 *          → ../stage/                                 the same script as the app's
 *
 * `roialign_lab/site/build.py` writes into the page what is drawn before Python is there.
 */

import { drawProduct } from "../stage/matrices.js";
import { Stage } from "../stage/stage.js";
import { asksForTheSame, pageAt, queryFor } from "./places.js";
import { WorkerConnection } from "./worker_connection.js";

/** @typedef {import("./worker_connection.js").Answer} Answer */
/** @typedef {import("../stage/connection.js").Connection} Connection */

/**
 * @typedef {object} Config  of a page
 * @property {string} page
 * @property {Record<string, string>} folders  of every page by its name
 * @property {string} worker
 * @property {string} notes  the folder of what stands under the stages
 * @property {Record<string, Record<string, string>>} words  by language
 * @property {Record<string, Record<string, string>>} html  by language
 */

/** @param {string} id */
const json = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "{}");
/** @type {Config} */
const config = json("config");
const root = new URL("./", document.baseURI);
const isEmbedded = new URLSearchParams(location.search).get("embed") === "1";
/** @type {Connection} what only looks goes the same way */
const NEVER = { isOpen: false, ask: () => {}, onanswer: null };
/** The address is written with each answer. */
const NO_HISTORY = { note: () => {} };
/** What a browser has that cannot compute; the page has said so. */
const NOTHING = { postMessage: () => {}, terminate: () => {}, onmessage: null, onerror: null };

/** @param {string} name @returns {HTMLElement} */
const element = (name) => /** @type {HTMLElement} */ (document.getElementById(name));
const host = element("stage"), line = element("progress"), message = element("message");

let name = config.page;
/** @type {string} */
let language = globalThis.roiLanguage ?? "en";
/** @type {Stage | null} */
let stage = null;

/** Draw an answer's page; its stage hears the rest from the connection. @param {Answer} answer */
function show(answer) {
  const isOther = answer.page !== name;
  if (!stage || isOther || stage.kind !== answer.update.kind) {
    stage?.destroy();
    stage = new Stage(host, answer.update.kind, connection, NEVER, NO_HISTORY);
    if (isOther) scrollTo(0, 0);
  }
  name = answer.page;
  ({ language } = answer);
  document.documentElement.lang = language;
  document.title = answer.title;
  element("below").hidden = name !== "roi_align";
  drawNotes(answer.notes);
  for (const sentence of document.querySelectorAll("[data-say]")) {
    sentence.innerHTML = config.html[language][/** @type {HTMLElement} */ (sentence).dataset.say ?? ""];
  }
  if (answer.problems && connection.isOpen) say(answer.problems.join("\n"));
  if (!answer.kept) return;
  const address = addressOf(answer.page, answer.update.address ?? "");
  if (isOther) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

let notesDrawn = "";

/** What stands under the stage, which the build wrote. @param {boolean} areShown */
async function drawNotes(areShown) {
  const notes = element("notes"), file = `${name}.${language}.html`;
  notes.hidden = !areShown;
  if (notesDrawn === file || !areShown) return;
  notesDrawn = file;
  const text = await fetch(new URL(config.notes + file, root)).then((response) => (response.ok ? response.text() : ""), () => "");
  if (notesDrawn === file) notes.innerHTML = text;
}

/** @param {string} page @param {string} query */
function addressOf(page, query) {
  const index = location.pathname.endsWith("/index.html") ? "index.html" : ""; // a host that needs the name of the file
  return new URL(config.folders[page] + index + queryFor(query, isEmbedded), root);
}

/** @param {string} text */
function say(text) {
  message.textContent = text;
  message.hidden = !text;
}

const connection = new WorkerConnection(() => {
  if (globalThis.roiUnable) return NOTHING;
  const early = globalThis.roiWorker; // the page started it before this script came
  globalThis.roiWorker = undefined;
  return early ?? new Worker(new URL(config.worker, root), { type: "module" });
}, {
  place: () => ({ page: name, query: stage?.address || location.search.slice(1), language }),
  onanswer: show,
  onprogress(share) {
    line.hidden = connection.isOpen;
    line.style.setProperty("--share", String(share));
    if (connection.isOpen) navigator.serviceWorker?.register(new URL("service-worker.js", root)).catch(console.error);
  },
  onfailure(reason, detail) {
    console.error(reason, detail);
    line.hidden = true;
    say(config.words[language][reason]);
  },
});

/** What the build rendered, where the address asks for nothing else. */
function drawFirst() {
  /** @type {Answer} */
  const first = json(`first-${language}`);
  const wanted = [`lang=${language}`, "", first.update.address ?? ""];
  if (!wanted.some((query) => asksForTheSame(location.search, query))) return;
  show(first);
  connection.onanswer?.(first.update);
}

// A link to another page: by Python where it is there, else as any link.
host.addEventListener("click", (event) => {
  if (!connection.isOpen && event.target instanceof Element && event.target.closest("a[href]")) event.stopPropagation();
}, { capture: true });

addEventListener("popstate", openHere);

/** Go where the address bar points, without a new start. */
function openHere() {
  name = pageAt(location.pathname.slice(root.pathname.length), config.folders) ?? name;
  stage?.destroy();
  stage = null;
  connection.open();
}

element("notes").addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a");
  if (!link || !connection.isOpen || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  history.pushState(null, "", addressOf(link.dataset.page ?? name, new URL(link.href).search.slice(1)));
  openHere();
  scrollTo(0, 0);
});

if (isEmbedded) {
  document.documentElement.classList.add("site-embedded");
  new ResizeObserver(() => {
    parent.postMessage({ type: "roialign-lab", height: document.documentElement.scrollHeight }, "*");
  }).observe(document.body);
}

/** @type {import("../stage/matrices.js").MatrixPlace} */
const matrices = element("matrices");
globalThis.roiBelow = matrices;
globalThis.roiDrawBelow = () => drawProduct(Stage.latest);
Object.assign(globalThis, { roiConnection: connection });
drawFirst();
