/** The code of a room at the full height of the screen: for phones to scan, and to be read from the back row. */

import { addHtml, setText } from "./dom.js";
import { keptOf } from "./room_memory.js";

/** @typedef {import("./room.js").Room} Room */

export class RoomDialog {
  /** @param {HTMLElement} host @param {Room} room */
  constructor(host, room) {
    const { words, link, place } = room, code = place?.code ?? "";
    this.root = addHtml(host, "dialog", { class: "roi-room-code", "data-testid": "room-dialog", "aria-label": words.show_code });
    addHtml(this.root, "img", { src: link?.code ?? "", alt: words.scan, "data-testid": "room-qr" });
    const side = addHtml(this.root, "div");
    addHtml(side, "p", {}, words.scan);
    addHtml(side, "p", { class: "roi-room-link", "data-testid": "room-link" }, (link?.link ?? "").replace(/^https?:\/\//, ""));
    addHtml(side, "p", { class: "roi-room-letters" }, code);
    const more = addHtml(side, "details");
    addHtml(more, "summary", {}, words.privacy_title);
    addHtml(more, "p", {}, words.privacy);
    const copy = addHtml(side, "button", { type: "button", class: "roi-lesson-link", "data-testid": "room-lead" }, words.lead);
    copy.addEventListener("click", () => {
      const text = `${link?.link}#lead=${keptOf(code).secret}`;
      navigator.clipboard?.writeText(text).then(() => setText(copy, words.copied), () => {});
      copy.dataset.link = text;
    });
    const close = addHtml(side, "button", { type: "button", class: "roi-lesson-link", "data-testid": "room-close" }, words.close);
    close.addEventListener("click", () => this.close());
    this.open();
  }

  open() {
    if (!this.root.open && this.root.isConnected) this.root.showModal();
  }

  close() {
    this.root.remove();
  }
}
