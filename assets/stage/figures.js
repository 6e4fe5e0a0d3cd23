/** The figure of what is seen as a file: ordered here, made beside the live path, and kept when it comes. */

import { addHtml, interpolate, setText } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Update} Update */

const KEPT_FOR = 10_000; // ms: a browser has begun to save the file by then

export class FigureButtons {
  /** @param {HTMLElement} bar @param {Stage} stage @param {string[]} formats */
  constructor(bar, stage, formats) {
    const { words } = stage;
    const root = addHtml(bar, "div", { class: "roi-control roi-figures", role: "group", "aria-label": words.figure });
    addHtml(root, "span", { class: "roi-label" }, words.figure);
    const row = addHtml(root, "div", { class: "roi-choices" });
    for (const format of formats) {
      const label = format.toUpperCase(), title = interpolate(words.figure_title, { format: label });
      const button = addHtml(row, "button", { type: "button", "data-testid": `figure-${format}`, title }, label);
      button.addEventListener("click", () => {
        stage.report({ figure: format });
        stage.isFigureOrdered = true;
      });
    }
    this.stage = stage;
    this.root = root;
    /** @type {HTMLElement | null} how the order stands: made when there is something to say, for a quiz has one too */
    this.message = null;
  }

  /** @param {string} text */
  say(text) {
    if (text) this.message ??= addHtml(this.root, "span", { class: "roi-label", role: "status" });
    if (this.message) setText(this.message, text);
  }

  /** The file, or how it stands: then it is asked for again. @param {Update} update */
  receive({ download, figure }) {
    const { stage } = this;
    if (download) saveFile(download);
    if (download || figure === "full" || figure === "failed") stage.isFigureOrdered = false;
    if (download) this.say("");
    else if (typeof figure === "number") {
      this.say(figure ? interpolate(stage.words.figure_waiting, { ahead: figure }) : stage.words.figure_next);
      stage.report({ figure_wait: true });
    } else if (figure !== undefined) this.say(stage.words[`figure_${figure}`]);
  }
}

/** @param {NonNullable<Update["download"]>} file */
export function saveFile({ name, type, content }) {
  save(name, new Blob([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], { type }));
}

/** @param {string} name @param {Blob} content */
export function save(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_FOR);
}
