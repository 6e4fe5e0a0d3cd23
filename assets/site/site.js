/**
 * A page of the site: the stage of the app, with Python in a worker instead of behind a server.
 *
 *     site → worker_connection → worker → python → roialign_lab/site/visit.py
 *          → sections → charts                         what stands under the stage
 *          → own_data, files                           what a visitor brings and keeps
 *          → address_bar, places, frame                where the page stands, and in what
 *          → ../stage/                                 the same script as the app's
 *
 * `roialign_lab/site/build.py` writes into the page what is drawn before Python is there.
 */

import { saveFile } from "../stage/figures.js";
import { drawProduct } from "../stage/matrices.js";
import { Stage } from "../stage/stage.js";
import { AddressBar } from "./address_bar.js";
import { pictureOf } from "./files.js";
import { followFrame, inFrame } from "./frame.js";
import { OwnData } from "./own_data.js";
import { asksForTheSame, pageAt, queryFor } from "./places.js";
import { Sections } from "./sections.js";
import { WorkerConnection } from "./worker_connection.js";

/** @typedef {import("./worker_connection.js").Answer} Answer */
/** @typedef {import("./worker_connection.js").WholeAnswer} WholeAnswer */
/** @typedef {import("../stage/connection.js").Connection} Connection */

/**
 * @typedef {object} Config  of a page
 * @property {string} page
 * @property {Record<string, string>} folders  of every page by its name
 * @property {string} worker
 * @property {string} notes  the folder of what stands under the stages
 * @property {string} charts  the script that draws charts, compressed
 * @property {Record<string, Record<string, string>>} words  by language
 * @property {Record<string, Record<string, string>>} html  by language
 */

/** @param {string} id @param {(key: string, value: any) => any} [revive] */
const json = (id, revive) => JSON.parse(document.getElementById(id)?.textContent ?? "{}", revive);
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
/** A worker that did not come, or that a frame forbids: it says so to each message. */
const LOST = {
  ...NOTHING,
  onerror: /** @type {((event: object) => void) | null} */ (null),
  postMessage: () => queueMicrotask(() => LOST.onerror?.({ message: "no worker" })),
};

/** @param {string} name @returns {HTMLElement} */
const element = (name) => /** @type {HTMLElement} */ (document.getElementById(name));
const host = element("stage"), line = element("progress"), message = element("message"), notes = element("notes");

let name = config.page;
/** @type {string} */
let language = globalThis.roiLanguage ?? "en";
/** @type {Stage | null} */
let stage = null;
let isKeyboardHere = false; // it was in a stage that was left
const bar = new AddressBar(globalThis);

/** Draw an answer's page; its stage hears the rest from the connection. @param {Answer} answer */
function show(answer) {
  const isOther = answer.page !== name, before = `${name} ${language}`;
  if (!stage || isOther || stage.kind !== answer.update.kind) {
    const left = leaveStage();
    stage = new Stage(host, answer.update.kind, connection, NEVER, NO_HISTORY);
    if (isEmbedded) stage.requests.asker.open = (href) => location.assign(inFrame(href));
    queueMicrotask(() => takeAlong(left)); // once the new stage is drawn
    if (isOther) scrollTo(0, 0);
  }
  name = answer.page;
  if (!("title" in answer)) return; // a person only looked: what is round the stage is as it was
  ({ language } = answer);
  document.documentElement.lang = language;
  document.title = answer.title;
  element("below").hidden = name !== "roi_align";
  drawNotes(answer);
  for (const sentence of document.querySelectorAll("[data-say]")) {
    sentence.innerHTML = config.html[language][/** @type {HTMLElement} */ (sentence).dataset.say ?? ""];
  }
  if (connection.isOpen && (answer.problems || before !== `${name} ${language}`)) say(answer.problems?.join("\n") ?? "");
  if (answer.figure) keepFigure(answer.figure);
  if (answer.kept || answer.problems) sections.follow();
  drawSet(answer);
  // What a link does not say goes along from page to page. The address that the visit began with stays as it was written.
  const isOpened = answer.problems?.length === 0 && connection.opened > 1;
  if (!answer.kept && !isOpened) return;
  const address = addressOf(answer.page, answer.update.address ?? "");
  if (isOther) bar.open(address);
  else bar.note(address);
}

/** @returns {Stage | null}  the one that was left */
function leaveStage() {
  const left = stage;
  isKeyboardHere ||= host.contains(document.activeElement);
  left?.destroy();
  stage = null;
  return left;
}

/** To a new stage: the keyboard, and the last link that was followed while its page was under way. @param {Stage | null} left */
function takeAlong(left) {
  const heading = host.querySelector("h1");
  if (isKeyboardHere && heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  isKeyboardHere = false;
  const { waiting = null, href = "" } = left?.requests ?? {};
  if (waiting?.go_to && waiting.go_to !== name) {
    const { go_to: page, take, small, turn, at_step: step } = waiting;
    stage?.requests.leave(page, href, { ...(take && { take }), ...(small && { small }), ...(turn && { turn }), ...(step && { at_step: step }) });
  }
}

/** To the buttons that ordered it: not again where it was asked for twice, nor in place of what they ordered since.
 * @param {NonNullable<WholeAnswer["figure"]>} figure */
async function keepFigure(figure) {
  const buttons = stage?.view?.lesson?.figures;
  if (!stage?.isFigureOrdered || !buttons || !figure.name.endsWith(`.${buttons.format}`)) return;
  stage.isFigureOrdered = false;
  const picture = await pictureOf(figure).catch(() => null);
  if (picture) buttons.take(figure.name, picture);
  else buttons.fail(config.words[language].figure);
}

/** The options that stand under the stage, as the address has them. @param {WholeAnswer} answer */
function drawSet({ update }) {
  const options = new URLSearchParams(update.address);
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (notes.querySelectorAll("[data-set]"))) {
    const value = options.get(field.dataset.set ?? "");
    if (value !== null && field !== document.activeElement) field.value = value;
  }
}

let notesDrawn = "";
/** @type {WholeAnswer | undefined} */
let newest;

/** What stands under the stage, which the build wrote, without what a lesson link leaves out. @param {WholeAnswer} answer */
async function drawNotes(answer) {
  newest = answer;
  const file = `${name}.${language}.html`;
  if (notesDrawn !== file) {
    notesDrawn = file;
    const text = await fetch(new URL(config.notes + file, root)).then((response) => (response.ok ? response.text() : "")).catch(() => "");
    if (notesDrawn !== file) return;
    if (!text) notesDrawn = ""; // the next answer asks again
    sections.replace(text);
    drawSet(newest);
  }
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (notes.querySelectorAll("[data-shown-with]"))) {
    part.hidden = !newest.shows.includes(part.dataset.shownWith ?? "");
  }
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
  const early = globalThis.roiWorker, isLost = globalThis.roiLost; // the page started it before this script came
  globalThis.roiWorker = globalThis.roiLost = undefined;
  if (isLost) return LOST;
  return early ?? new Worker(new URL(config.worker, root), { type: "module" });
}, {
  place: () => ({ page: name, query: stage?.address || location.search.slice(1), language }),
  theme: () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
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

const sections = new Sections(notes, {
  ask: (section, chosen) => connection.call("section", section, chosen),
  isOpen: () => connection.isOpen,
  charts: new URL(config.charts, root),
  noCharts: () => config.words[language].charts,
});
new OwnData(notes, {
  call: (method, ...args) => connection.call(method, ...args),
  take: (answer) => connection.take(answer),
  place: () => `${name} ${connection.opened}`,
  noPhoto: () => config.words[language].photo,
  noFile: () => config.words[language].unread,
  noAnswer: () => config.words[language].unanswered,
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(() => sections.recolor()));

/** What the build rendered, where the address asks for nothing else. */
function drawFirst() {
  /** @type {string[]} */
  const pictures = json("pictures"); // each once; where it is drawn stands its number
  /** @type {WholeAnswer} */
  const first = json(`first-${language}`, (_, value) =>
    typeof value === "string" && /^picture:\d+$/.test(value) ? pictures[Number(value.slice(8))] : value);
  const wanted = [`lang=${language}`, "", first.update.address ?? ""];
  if (!wanted.some((query) => asksForTheSame(location.search, query))) return;
  show(first);
  connection.onanswer?.(first.update);
}

// A link to another page: by Python where it is there, else as any link.
host.addEventListener("click", (event) => {
  const link = event.target instanceof Element && /** @type {HTMLAnchorElement | null} */ (event.target.closest('a[href]:not([href="#"])'));
  if (!link || connection.isOpen) return;
  event.stopPropagation();
  if (isEmbedded) link.href = inFrame(link.href);
}, { capture: true });

addEventListener("popstate", openHere);
addEventListener("pagehide", () => bar.write());

/** Go where the address bar points, without a new start. */
function openHere() {
  bar.forget();
  name = pageAt(location.pathname.slice(root.pathname.length), config.folders) ?? name;
  leaveStage();
  connection.open();
}

notes.addEventListener("click", (event) => {
  const button = event.target instanceof Element && /** @type {HTMLElement | null} */ (event.target.closest("[data-file]"));
  if (button && connection.isOpen) connection.call("file", button.dataset.file).then(saveFile, console.error);
  const link = event.target instanceof Element && event.target.closest("a");
  if (!link || !connection.isOpen || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  bar.open(addressOf(link.dataset.page ?? name, new URL(link.href).search.slice(1)));
  isKeyboardHere = true; // on a link that goes with its page
  openHere();
  scrollTo(0, 0);
});

/** The number of the questions is an option, as one of the stage. */
notes.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.dataset.set && target.reportValidity()) {
    stage?.report({ set: { [target.dataset.set]: target.value }, commit: true });
  }
});

if (isEmbedded) followFrame();

/** @type {import("../stage/matrices.js").MatrixPlace} */
const matrices = element("matrices");
globalThis.roiBelow = matrices;
globalThis.roiDrawBelow = () => drawProduct(Stage.latest);
Object.assign(globalThis, { roiConnection: connection });
drawFirst();
