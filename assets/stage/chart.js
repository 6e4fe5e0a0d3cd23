/** What every output does while one side of the box moves: Python's lines, and the side to take hold of. */

import { addHtml, addSvg, NodePool, setAttributes, setText } from "./dom.js";
import { clamp, toHundredth } from "./geometry.js";
import { linePath, stairPath } from "./unpack.js";

/** @typedef {import("./wire.js").Sweep} Sweep */

const PATHS = /** @type {const} */ ({ pool: stairPath, align: linePath });
const NAMES = /** @type {const} */ (["pool", "align"]);

export class Chart {
  /** @param {import("./stage.js").Stage} stage @param {HTMLElement} host @param {NonNullable<import("./wire.js").Still["chart"]>} words */
  constructor(stage, host, words) {
    this.stage = stage;
    const root = addHtml(host, "section", { class: "roi-chart", "data-testid": "sweep" });
    const legend = addHtml(root, "h3", { class: "roi-caption" });
    for (const name of NAMES) addHtml(legend, "b", { class: `roi-key-${name}` }, words[name]);
    this.few = addHtml(legend, "span");
    this.plot = addHtml(root, "div", { class: "roi-plot" });
    this.ticks = addHtml(this.plot, "div", { "aria-hidden": "true" });
    this.svg = addSvg(this.plot, "svg", {
      viewBox: "0 0 1000 1000", preserveAspectRatio: "none", role: "img", "aria-label": words.label,
    });
    this.grid = addSvg(this.svg, "path", { class: "roi-gridlines" });
    const [pool, align] = NAMES.map((name) => new NodePool(addSvg(this.svg, "g", { class: `roi-line-${name}` }), (group, k) =>
      ({ root: addSvg(group, "path", { "data-testid": `sweep-${name}-${k}` }), packed: "" })));
    this.lines = { pool, align };
    this.marker = addSvg(this.svg, "line", { class: "roi-marker", y1: 0, y2: 1000 });
    this.sideName = addHtml(this.plot, "span", { class: "roi-side-name" });
    this.ticksDrawn = "";
    /** @type {Sweep | null} */
    this.sweep = null;
    this.listen();
  }

  listen() {
    const { svg, stage } = this;
    /** @type {number | null} */
    let finger = null;
    let place = new DOMRect();
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || finger !== null) return;
      finger = event.pointerId;
      svg.setPointerCapture(finger);
      place = svg.getBoundingClientRect();
      this.follow(event.clientX, place);
    });
    svg.addEventListener("pointermove", (event) => event.pointerId === finger && this.follow(event.clientX, place));
    /** @param {PointerEvent} event */
    const release = (event) => {
      if (event.pointerId !== finger) return;
      finger = null;
      stage.commit();
    };
    svg.addEventListener("pointerup", release);
    svg.addEventListener("pointercancel", release);
  }

  /** @param {number} clientX @param {DOMRect} place  of the chart in the window */
  follow(clientX, { left, width }) {
    if (!this.sweep) return;
    const { side, across: [first, last] } = this.sweep;
    const share = clamp((clientX - left) / width, 0, 1);
    const most = last < this.stage.limits[side][1] ? last - 0.01 : last; // the end belongs to the next two cells
    this.stage.slide(side, toHundredth(Math.min(first + share * (last - first), most)));
  }

  /** @param {Sweep} sweep @param {number} focused  which output is looked at */
  draw(sweep, focused) {
    this.sweep = sweep;
    const count = sweep.pool.split(",").length, lit = count === 1 ? 0 : focused; // of many outputs only one is sent
    for (const name of NAMES) {
      this.lines[name].draw(sweep[name].split(","), (node, packed, k) => {
        if (node.packed !== packed) {
          node.packed = packed;
          node.root.setAttribute("d", PATHS[name](packed, sweep.positions - 1));
        }
        setAttributes(node.root, { class: k === lit ? "roi-looked" : "" });
      });
    }
    this.drawTicks(sweep);
    setText(this.few, sweep.few ?? "");
    setText(this.sideName, sweep.side);
    this.sideName.style.left = `${sweep.at * 100}%`;
    setAttributes(this.marker, { x1: sweep.at * 1000, x2: sweep.at * 1000 });
  }

  /** @param {Sweep} sweep */
  drawTicks({ x, y }) {
    const ticks = JSON.stringify([x, y]);
    if (this.ticksDrawn === ticks) return;
    this.ticksDrawn = ticks;
    this.ticks.replaceChildren();
    for (const [label, at] of x) addHtml(this.ticks, "span", { class: "roi-tick-x", style: `left: ${at * 100}%` }, label);
    for (const [label, at] of y) addHtml(this.ticks, "span", { class: "roi-tick-y", style: `bottom: ${at * 100}%` }, label);
    const upright = x.map(([, at]) => `M${at * 1000} 0V1000`), level = y.map(([, at]) => `M0 ${1000 - at * 1000}H1000`);
    setAttributes(this.grid, { d: [...upright, ...level].join("") });
  }
}
