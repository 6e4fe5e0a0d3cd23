/** The figure of what is seen, as a file or on the clipboard: ordered here, made beside the live path, kept when it comes. */

import { addHtml, interpolate, setText } from "./dom.js";
import { RecordButton } from "./drag_recorder.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Update} Update */

const KEPT_FOR = 10_000; // ms: a browser has begun to save the file by then
const TOLD_FOR = 7000; // ms
const PNG = "image/png", SVG = "image/svg+xml";

export class FigureButtons {
  /** @param {HTMLElement} bar @param {Stage} stage @param {string[]} formats */
  constructor(bar, stage, formats) {
    const { words } = stage;
    const root = addHtml(bar, "div", { class: "roi-control roi-figures", role: "group", "aria-label": words.figure });
    addHtml(root, "span", { class: "roi-label" }, words.figure);
    const row = addHtml(root, "div", { class: "roi-choices" });
    /** @param {string} name @param {string} label @param {string} title @param {() => void} act */
    const make = (name, label, title, act) =>
      addHtml(row, "button", { type: "button", "data-testid": `figure-${name}`, title }, label).addEventListener("click", act);
    for (const format of formats) {
      const label = format.toUpperCase();
      make(format, label, interpolate(words.figure_title, { format: label }), () => this.order(format));
    }
    make("copy", words.figure_copy, words.figure_copy_title, () => this.copy());
    if (stage.recorder && stage.kind === "lesson") new RecordButton(row, stage, stage.recorder, (text) => this.tell(text));
    this.stage = stage;
    this.root = root;
    /** @type {HTMLElement | null} how the order stands: made when there is something to say, for a quiz has one too */
    this.message = null;
    /** @type {{ take: (picture: Blob) => void, giveUp: () => void } | null} who gets the figure that was ordered, if it is no file */
    this.copier = null;
    this.problem = ""; // why no figure came
    this.format = ""; // of the one that was ordered last
  }

  /** @param {string} text */
  say(text) {
    if (text) this.message ??= addHtml(this.root, "span", { class: "roi-label", role: "status" });
    if (this.message) setText(this.message, text);
  }

  /** For a moment: it lies on the picture. @param {string} text */
  tell(text) {
    this.say(text);
    setTimeout(() => this.message?.textContent === text && this.say(""), TOLD_FOR);
  }

  /** In place of what was ordered before. @param {string} format */
  order(format) {
    this.copier?.giveUp();
    this.copier = null;
    this.problem = "";
    this.format = format;
    this.stage.report({ figure: format });
    this.stage.isFigureOrdered = true;
  }

  /** @param {string} format @returns {Promise<Blob>} */
  made(format) {
    this.order(format);
    return new Promise((take, giveUp) => (this.copier = { take, giveUp }));
  }

  /** To the clipboard: the picture, and where the browser takes them its shapes. The browser has to hear of it in the click. */
  copy() {
    const { words } = this.stage;
    if (!navigator.clipboard?.write || !globalThis.ClipboardItem) return this.tell(words.figure_copy_unsafe);
    this.say("");
    const png = this.made("png");
    /** @type {Record<string, Promise<Blob>>} */
    const pictures = { [PNG]: png };
    if (ClipboardItem.supports?.(SVG)) pictures[SVG] = png.then(() => this.made("svg"));
    for (const picture of Object.values(pictures)) picture.catch(() => {}); // the clipboard says so too
    navigator.clipboard.write([new ClipboardItem(pictures)]).then(
      () => this.tell(words.copied), () => this.tell(this.problem || words.figure_copy_refused));
  }

  /** The figure that was ordered. @param {string} name @param {Blob} picture */
  take(name, picture) {
    const { copier } = this;
    this.copier = null;
    if (copier) copier.take(picture);
    else save(name, picture);
  }

  /** The figure, or how it stands: then it is asked for again. @param {Update} update */
  receive({ download, figure }) {
    const { stage } = this;
    if (download || figure === "full" || figure === "failed") stage.isFigureOrdered = false;
    if (download) {
      this.say("");
      this.take(download.name, blobOf(download));
    } else if (typeof figure === "number") {
      this.say(figure ? interpolate(stage.words.figure_waiting, { ahead: figure }) : stage.words.figure_next);
      stage.report({ figure_wait: true });
    } else if (figure !== undefined) {
      this.fail(stage.words[`figure_${figure}`]);
    }
  }

  /** None comes. @param {string} problem  says why */
  fail(problem) {
    this.say((this.problem = problem));
    this.copier?.giveUp();
    this.copier = null;
  }
}

/** @typedef {NonNullable<Update["download"]>} Download */

/** @param {Download} file */
const blobOf = ({ type, content }) => new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type });

/** @param {Download} file */
export const saveFile = (file) => save(file.name, blobOf(file));

/** @param {string} name @param {Blob} content */
export function save(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_FOR);
}
