/** Why it matters, before any map: a face, its box, the region that RoI Pooling reads instead, and one question. */

import { addHtml, addSvg, setAttributes, setMarkedText } from "./dom.js";

/** @param {import("./wire.js").Box} box  pixels of the picture */
const rectangle = ([x, y, right, bottom]) => ({ x, y, width: right - x, height: bottom - y });

export class Stakes {
  /** @param {HTMLElement} host @param {import("./wire.js").Stakes} stakes @param {HTMLElement | null} bar  in a lecture:
   * there the question is a button that lays the picture over the maps */
  constructor(host, { image, size: [width, height], box, read, lost, foreign, ask, answer, short, alt }, bar) {
    const root = addHtml(host, "section", { class: "roi-stakes", "data-testid": "stakes" });
    if (bar) this.makeButton(bar, ask, root);
    const svg = addSvg(root, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt });
    addSvg(svg, "image", { href: image, width, height, preserveAspectRatio: "none" });
    for (const strip of foreign) addSvg(svg, "rect", { ...rectangle(strip), class: "roi-foreign" });
    for (const strip of lost) addSvg(svg, "rect", { ...rectangle(strip), class: "roi-lost" });
    addSvg(svg, "rect", { ...rectangle(read), class: "roi-stakes-read" });
    addSvg(svg, "rect", { ...rectangle(box), class: "roi-stakes-box" });
    const words = addHtml(root, "div");
    addHtml(words, "h2", {}, ask);
    setMarkedText(addHtml(words, "p", { class: "roi-stakes-answer" }), answer);
    setMarkedText(addHtml(words, "p", { class: "roi-stakes-short" }), short); // on a phone
  }

  /** @param {HTMLElement} bar @param {string} ask @param {HTMLElement} root */
  makeButton(bar, ask, root) {
    const button = addHtml(bar, "button", { type: "button", class: "roi-lesson-link", "data-testid": "stakes-open" }, ask);
    /** @param {boolean} isOpen */
    const open = (isOpen) => {
      root.hidden = !isOpen;
      setAttributes(button, { "aria-expanded": isOpen });
    };
    for (const pressed of [button, root]) pressed.addEventListener("click", () => open(root.hidden));
    open(false);
  }
}
