/** The link, its QR code, and which parts of the page it shows. */

import { addHtml, setText } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */

export class ShareDialog {
  /** @param {Stage} stage @param {import("./wire.js").Still} still */
  constructor(stage, { words, parts, left_out: leftOut }) {
    this.stage = stage;
    this.root = addHtml(stage.root, "dialog", { class: "roi-share", "data-testid": "share-dialog", "aria-label": words.share });
    const left = addHtml(this.root, "div");
    this.code = addHtml(left, "img", { alt: words.share_code, "data-testid": "share-code" });
    const right = (this.right = addHtml(this.root, "div", { class: "roi-share-words" }));
    this.link = addHtml(right, "textarea", {
      readonly: "", rows: 4, "aria-label": words.share_title, "data-testid": "share-link",
    });
    const copy = addHtml(right, "button", { type: "button", class: "roi-lesson-link" }, words.copy);
    copy.addEventListener("click", () => this.copy(() => setText(copy, words.copied)));
    if (stage.openRoom && stage.kind !== "plain") {
      const open = addHtml(right, "button", { type: "button", class: "roi-lesson-link", "data-testid": "room-open", title: words.room_title }, words.room_open);
      const fail = () => setText(open, words.room_failed); // a server without the files of a room has none
      open.addEventListener("click", () => stage.openRoom?.().then(() => this.root.close(), fail));
    }
    addHtml(right, "h4", {}, words.share_hide);
    const list = addHtml(right, "div", { class: "roi-parts" });
    this.parts = parts.map(([name, label]) => ({ name, box: this.makeBox(list, label, !leftOut.includes(name), name) }));
    this.view = this.makeBox(right, words.share_present, false, "present");
    /** @type {HTMLInputElement | null} where the lesson also stands as a site: share that one? */
    this.isOfSite = null;
    this.siteLine = addHtml(right, "div");
    this.close = addHtml(right, "button", { type: "button", class: "roi-lesson-link", "data-testid": "share-close" }, words.close);
    this.close.addEventListener("click", () => this.root.close());
    this.root.showModal();
    this.ask();
  }

  /** @param {HTMLElement} host @param {string} label @param {boolean} isChecked @param {string} name */
  makeBox(host, label, isChecked, name) {
    const line = addHtml(host, "label");
    const box = addHtml(line, "input", { type: "checkbox", "data-testid": `part-${name}` });
    box.checked = isChecked;
    line.append(` ${label}`);
    box.addEventListener("change", () => this.ask());
    return box;
  }

  ask() {
    this.stage.report({
      share: {
        place: location.origin + location.pathname,
        present: this.view.checked,
        hide: this.parts.filter(({ box }) => !box.checked).map(({ name }) => name),
      },
    });
  }

  /** @param {() => void} done */
  copy(done) {
    this.link.select();
    if (navigator.clipboard) navigator.clipboard.writeText(this.link.value).then(done, () => {});
    else if (document.execCommand("copy")) done(); // no clipboard without https
  }

  /** @param {NonNullable<import("./wire.js").Update["share"]>} share */
  draw(share) {
    if ("problem" in share) return this.refuse(share.problem);
    if (share.site && !this.isOfSite) this.isOfSite = this.makeBox(this.siteLine, this.stage.words.share_site, false, "site");
    const { link, code } = (this.isOfSite?.checked && share.site) || share;
    this.code.src = code;
    this.link.value = link;
  }

  /** There is no link: only the reason stands there. @param {string} problem */
  refuse(problem) {
    this.code.remove();
    this.right.replaceChildren(this.close);
    addHtml(this.right, "p", { role: "status", "data-testid": "share-problem" }, problem);
    this.close.focus();
  }
}

/** @param {Stage} stage */
export function openShare(stage) {
  if (!stage.still) return;
  stage.dialog?.root.remove();
  stage.dialog = new ShareDialog(stage, stage.still);
}
