/** What a person takes hold of: the frame of the box with its handles, or the point. */

import { addSvg, setAttributes } from "./dom.js";
import { CELL, HANDLES } from "./geometry.js";
import { rectangle } from "./marks.js";

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./wire.js").Point} Point */
/** @typedef {Record<string, SVGGElement>} Layers */
/** @typedef {Record<string, string>} Words */

const FINGER = matchMedia("(pointer: coarse)").matches;
const GRIP = FINGER ? 44 : 22; // pixels of a handle that can be taken hold of
const FULL_SIZE = FINGER ? 88 : 40; // pixels of the shorter side of a box from which on its handles have their full size

/** Is a stage answered from a recording? Then nothing is dragged. @param {import("./stage.js").Stage} stage */
export const isRecorded = ({ still }) => still?.recorded !== undefined;

export class BoxHandles {
  /** @param {Layers} layers @param {Words} words @param {boolean} isFixed  the box of a question stands */
  constructor(layers, words, isFixed) {
    this.frame = addSvg(layers.roi, "rect", { class: "roi-frame" });
    this.mover = isFixed ? null : addSvg(layers.grip, "rect", {
      class: "roi-mover", tabindex: 0, role: "slider", "data-grip": "move", "data-testid": "box-move",
      "aria-label": words.grip_move,
    });
    this.handles = isFixed ? [] : Object.keys(HANDLES).map((name) => {
      const node = addSvg(layers.grip, "g", {
        class: `roi-grip roi-grip-${name}`, tabindex: 0, role: "slider", "data-grip": name,
        "data-testid": `box-${name}`, "aria-label": words[`grip_${name}`],
      });
      addSvg(node, "rect", { x: -GRIP / 2, y: -GRIP / 2, width: GRIP, height: GRIP, class: "roi-hit" });
      addSvg(node, "rect", { x: -4.5, y: -4.5, width: 9, height: 9, rx: 2, class: "roi-knob" });
      return { name, node };
    });
  }

  /** @param {Box} box @param {number} unit  drawing units a pixel */
  draw(box, unit) {
    const [x1, y1, x2, y2] = box, place = rectangle(box);
    setAttributes(this.frame, place);
    if (!this.mover) return;
    setAttributes(this.mover, {
      ...place, "aria-valuenow": x1.toFixed(2),
      "aria-valuetext": `x1 ${x1.toFixed(2)}, y1 ${y1.toFixed(2)}, x2 ${x2.toFixed(2)}, y2 ${y2.toFixed(2)}`,
    });
    const shorter = (Math.min(x2 - x1, y2 - y1) * CELL) / unit;
    const scale = unit * Math.min(1, Math.max(0.5, shorter / FULL_SIZE));
    for (const { name, node } of this.handles) {
      const [across, down] = HANDLES[name];
      const x = x1 + (x2 - x1) * across, y = y1 + (y2 - y1) * down;
      setAttributes(node, {
        transform: `translate(${x * CELL} ${y * CELL}) scale(${scale})`,
        "aria-valuenow": (across === 0.5 ? y : x).toFixed(2), "aria-valuetext": `x ${x.toFixed(2)}, y ${y.toFixed(2)}`,
      });
    }
  }
}

export class PointHandle {
  /** @param {Layers} layers @param {Words | null} words  none where only the pointer takes hold of it */
  constructor(layers, words) {
    this.mover = addSvg(layers.grip, "g", { class: "roi-grip", "data-grip": "point" });
    if (words) {
      setAttributes(this.mover, { tabindex: 0, role: "slider", "data-testid": "point-move", "aria-label": words.grip_point });
    }
    addSvg(this.mover, "circle", { r: 22, class: "roi-hit" });
  }

  /** @param {Point} point @param {number} unit */
  draw([y, x], unit) {
    setAttributes(this.mover, {
      transform: `translate(${x * CELL} ${y * CELL}) scale(${unit})`,
      "aria-valuetext": `y ${y.toFixed(2)}, x ${x.toFixed(2)}`, "aria-valuenow": x.toFixed(2),
    });
  }
}
