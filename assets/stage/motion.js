/**
 * What changes is seen to change, for a moment, when a step of the walk is opened: the image shrinks onto the map, each ×
 * gives way to its value, the values go into the output. Every mark moves between places that Python sent or that are on
 * the screen; what is seen in the end is what is drawn without this.
 */

import { addHtml, addSvg } from "./dom.js";
import { CELL } from "./geometry.js";
import { rectangle } from "./marks.js";

/** @typedef {import("./stage.js").Stage} Stage */

const LONG = 400; // ms
const MOST_MOVED = 64; // values at once: of more only those of the bin that is looked at
const LESS = matchMedia("(prefers-reduced-motion: reduce)");

export class Motion {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.step = "";
    /** @type {Animation[]} */
    this.running = [];
    /** @type {Element[]} what is there only while it moves */
    this.extras = [];
  }

  /** After an answer was drawn. @param {string} step  that it shows */
  follow(step) {
    const { stage } = this, steps = stage.still?.steps ?? [], placeOf = (/** @type {string} */ key) => steps.findIndex((one) => one.key === key);
    const from = placeOf(this.step), to = placeOf(step);
    if (this.step === step) return;
    this.step = step;
    this.stop();
    if (from < 0 || to <= from || LESS.matches || stage.isDragging) return; // opened here, or turned back
    const motion = steps[to].motion;
    if (motion === "shrink") this.shrink();
    if (motion === "read") this.read();
    if (motion === "join" && stage.prediction.isOutputKnown(0)) this.join();
  }

  /** A drag begins, or another step: what is seen is where it is. */
  stop() {
    for (const animation of this.running) animation.cancel();
    for (const extra of this.extras) extra.remove();
    this.running = [];
    this.extras = [];
  }

  /** @param {Element} node @param {Keyframe[]} frames */
  move(node, frames) {
    const animation = node.animate(frames, { duration: LONG, easing: "ease-in-out" });
    animation.onfinish = () => (this.running.every(({ playState }) => playState === "finished") ? this.stop() : undefined);
    this.running.push(animation);
  }

  /** The pixels of the image, with the box, get as small as the map says. */
  shrink() {
    const { box, panels: [panel] } = this.stage, { svg, layers, extent: [x1, y1, x2, y2], moving, still } = panel;
    if (!moving?.shrink || !still?.image_lines || !box) return;
    const [left, top, right] = moving.shrink, place = rectangle([x1, y1, x2, y2]);
    const { x, y, width, height } = place;
    const frame = addSvg(svg, "svg", { ...place, viewBox: `${x} ${y} ${width} ${height}`, class: "roi-image" });
    const image = addSvg(frame, "g"), grid = addSvg(image, "path", { d: panel.imagePath });
    addSvg(image, "rect", { ...rectangle(box), class: "roi-frame" });
    this.extras.push(frame);
    const from = `translate(${left * CELL}px, ${top * CELL}px) scale(${(right - left) / still.columns})`;
    this.move(image, [{ transform: from }, { transform: "none" }]);
    this.move(grid, [{ opacity: 0.9 }, { opacity: 0.9, offset: 0.6 }, { opacity: 0 }]);
    for (const role of ["roi", "grip", "in_cells", "pixels"]) this.move(layers[role], [{ opacity: 0 }, { opacity: 0, offset: 0.9 }, {}]);
  }

  /** A value comes out of each ×. */
  read() {
    const [{ layers, words, marks }] = this.stage.panels, nodes = words.shown("value");
    this.move(layers.sample, [{}, { opacity: 0.1, offset: 0.5 }, {}]);
    if (!marks || nodes.length !== marks.samples.count) return this.move(layers.value, [{ opacity: 0 }, {}]);
    nodes.forEach(({ root, text }, k) => {
      const up = marks.samples.y(k) * CELL - Number(text.getAttribute("y"));
      this.move(root, [{ opacity: 0, transform: `translateY(${up}px)` }, { opacity: 1, transform: "none" }]);
    });
  }

  /** The values, or the largest cells, go into the output. */
  join() {
    const { stage } = this, { panels: [panel], view, focus } = stage, { marks, moving, still } = panel;
    const grid = view?.lesson?.grids[0];
    if (!marks || !moving || !still || !grid) return;
    const { samples } = marks, mine = samples.ofBin(focus.row, focus.column);
    const every = samples.isInterpolated ? Array.from({ length: samples.count }, (_, k) => k) : samples.wins;
    const moved = every.length <= MOST_MOVED ? every : every.filter((k) => mine.start <= k && k < mine.end);
    const host = addHtml(stage.root, "div", { class: "roi-flight", "aria-hidden": "true" });
    const origin = host.getBoundingClientRect(), map = panel.svg.getBoundingClientRect(), [x1, y1, x2] = panel.extent;
    const cell = map.width / (x2 - x1), targets = grid.cells.map(({ button }) => button.getBoundingClientRect());
    this.extras.push(host);
    for (const k of moved) {
      const { row, column, x, y, value, cells: [[top, left]] } = samples.at(k);
      const at = targets[row * grid.columns + column];
      const text = samples.isInterpolated ? value : panel.labels[top * still.columns + left];
      const fromX = map.left + (x - x1) * cell - origin.left, fromY = map.top + (y - y1) * cell - origin.top;
      const toX = at.left + at.width / 2 - origin.left, toY = at.top + at.height / 2 - origin.top;
      const node = addHtml(host, "span", {}, text);
      this.move(node, [{ transform: `translate(${fromX}px, ${fromY}px)` }, { transform: `translate(${toX}px, ${toY}px)`, opacity: 1, offset: 0.9 },
        { transform: `translate(${toX}px, ${toY}px)`, opacity: 0 }]);
    }
    for (const { button } of grid.cells) this.move(button, [{ color: "transparent" }, { color: "transparent", offset: 0.8 }, {}]);
  }
}
