/** What lies on the map and is not looked at in particular: rectangles, lines, arrows, dots, where a gradient lands. */

import { addSvg, NodePool, poolOf, setAttributes, setText } from "./dom.js";
import { CELL } from "./geometry.js";

/** @typedef {import("./unpack.js").Marks} Marks */
/** @typedef {import("./wire.js").Box} Box */

const FRAMES = /** @type {const} */ (["read", "snapped", "reach", "square"]);
const DIVISIONS = /** @type {const} */ (["part", "split"]);
const ARROWS = /** @type {const} */ (["error", "slope"]);
const LERPS = /** @type {const} */ (["lerp_x", "lerp_y"]);

/** The attributes of a rectangle in drawing units. @param {number[]} box */
export function rectangle([left, top, right, bottom]) {
  return {
    x: left * CELL, y: top * CELL,
    width: Math.max(right - left, 0) * CELL, height: Math.max(bottom - top, 0) * CELL,
  };
}

/** The corners of a rectangle. @param {number[]} box */
function corners(box) {
  const { x, y, width, height } = rectangle(box), right = x + width, bottom = y + height;
  return `${x} ${y} ${right} ${y} ${right} ${bottom} ${x} ${bottom}`;
}

/**
 * What the painter has to know of its panel.
 *
 * @typedef {object} View
 * @property {number} unit  drawing units a pixel of the design
 * @property {Box} extent  what of the map is visible
 * @property {boolean} isLoupe  a closer look: labels stand here, not on the whole map
 * @property {boolean} isNumbered  the map shows its numbers
 * @property {number} outputColumns
 */

export class MarkPainter {
  /** @param {Record<string, SVGGElement>} layers */
  constructor(layers) {
    this.bins = poolOf(layers.bin, "polygon"); // of many bins one attribute is written, which is no property of style
    this.frames = Object.fromEntries(FRAMES.map((role) => [role, poolOf(layers[role], "rect")]));
    this.divisions = Object.fromEntries(DIVISIONS.map((role) => [role, poolOf(layers[role], "line")]));
    this.arrows = Object.fromEntries(ARROWS.map((role) => [role, new NodePool(layers[role], makeArrow)]));
    this.lerps = Object.fromEntries(LERPS.map((role) => [role, new NodePool(layers[role], makeDot)]));
    this.areas = new NodePool(layers.area, (group) => {
      const root = addSvg(group, "g");
      return { root, rect: addSvg(root, "rect"), text: addSvg(root, "text", { dy: "0.35em" }) };
    });
    this.gradient = poolOf(layers.gradient, "rect");
    this.landed = poolOf(layers.landed, "text", { dy: "0.35em" }); // over the lines
  }

  /** @param {Marks} marks @param {View} view */
  draw(marks, view) {
    this.bins.draw(marks.rectangles.bin, ({ root }, box, k) => setAttributes(root, {
      points: corners(box), "data-testid": `bin-${Math.floor(k / view.outputColumns)}-${k % view.outputColumns}`,
    }));
    for (const role of FRAMES) {
      this.frames[role].draw(marks.rectangles[role], ({ root }, box) => setAttributes(root, rectangle(box)));
    }
    for (const role of DIVISIONS) {
      this.divisions[role].draw(marks.lines[role], ({ root }, [x1, y1, x2, y2]) =>
        setAttributes(root, { x1: x1 * CELL, y1: y1 * CELL, x2: x2 * CELL, y2: y2 * CELL }));
    }
    for (const role of ARROWS) this.arrows[role].draw(marks.arrows[role], (node, arrow) => drawArrow(node, arrow, view));
    this.drawAreas(marks, view);
    this.drawGradient(marks, view);
    for (const role of LERPS) {
      const { places, labels } = marks.dots[role];
      this.lerps[role].draw(places, (node, place, k) => drawDot(node, place, labels[k], role === "lerp_x", view));
    }
  }

  /** @param {Marks} marks @param {View} view */
  drawAreas({ rectangles, areaLabels }, { unit, isLoupe }) {
    this.areas.draw(rectangles.area, ({ rect, text }, box, k) => {
      setAttributes(rect, rectangle(box));
      if (!isLoupe) return;
      const [left, top, right, bottom] = box.map((side) => side * CELL);
      const wide = 36 * unit, tall = 20 * unit; // clear of the ×, which is at one corner of each area
      const x = (left + right) / 2, y = (top + bottom) / 2;
      setText(text, areaLabels[k]);
      setAttributes(text, {
        x: k % 2 ? Math.min(x, right - wide) : Math.max(x, left + wide),
        y: k < 2 ? Math.max(y, top + tall) : Math.min(y, bottom - tall),
        "font-size": 16 * unit, "stroke-width": 4 * unit, visibility: Number(areaLabels[k]) ? "visible" : "hidden",
      });
    });
  }

  /** @param {Marks} marks @param {View} view */
  drawGradient({ gradient }, { isNumbered }) {
    this.gradient.draw(gradient, ({ root }, { row, column, level }) => setAttributes(root, {
      x: column * CELL, y: row * CELL, width: CELL, height: CELL, "fill-opacity": 0.15 + level * 0.0085,
    }));
    this.landed.draw(gradient, ({ root }, { row, column, label }) => {
      setAttributes(root, {
        x: column * CELL + CELL / 2, y: row * CELL + CELL / 2, "font-size": 31 * Math.min(1, 5 / label.length),
        visibility: isNumbered ? "visible" : "hidden",
      });
      setText(root, label);
    });
  }
}

/** @param {SVGElement} group */
function makeArrow(group) {
  const root = addSvg(group, "g");
  return {
    root, line: addSvg(root, "line"), head: addSvg(root, "path", { d: "M0 0L-9-6L-9 6Z" }),
    pill: addSvg(root, "rect", { rx: 9, height: 18 }), text: addSvg(root, "text", { dy: "0.35em" }),
  };
}

/** @param {ReturnType<typeof makeArrow>} node @param {import("./unpack.js").Arrow} arrow @param {View} view */
function drawArrow(node, arrow, { unit, extent }) {
  const [fromX, fromY, toX, toY] = [arrow.x0, arrow.y0, arrow.x1, arrow.y1].map((value) => value * CELL);
  setAttributes(node.line, { x1: fromX, y1: fromY, x2: toX, y2: toY });
  const angle = arrow.side[0] === "x" ? (toX > fromX ? 0 : 180) : toY > fromY ? 90 : -90;
  const length = Math.abs(toX - fromX) + Math.abs(toY - fromY);
  setAttributes(node.head, { transform: `translate(${toX} ${toY}) rotate(${angle}) scale(${Math.min(unit, length / 9)})` });
  const [x1, y1, x2, y2] = extent.map((side) => side * CELL);
  const half = 24 * unit, tall = 10 * unit, gap = 5 * unit;
  const before = [Math.min(fromX, toX) - gap - half, Math.min(fromY, toY) - gap - tall];
  const after = [Math.max(fromX, toX) + gap + half, Math.max(fromY, toY) + gap + tall];
  let x = fromX, y = fromY; // its label: outside the box where there is room, else inside
  if (arrow.side === "x1") x = before[0] - half > x1 ? before[0] : after[0];
  if (arrow.side === "x2") x = after[0] + half < x2 ? after[0] : before[0];
  if (arrow.side === "y1") y = before[1] - tall > y1 ? before[1] : after[1];
  if (arrow.side === "y2") y = after[1] + tall < y2 ? after[1] : before[1];
  const wide = 13 + arrow.label.length * 7; // pixels
  setAttributes(node.pill, { x: -wide / 2, y: -9, width: wide, transform: `translate(${x} ${y}) scale(${unit})` });
  setAttributes(node.text, { x, y, "font-size": 13 * unit });
  setText(node.text, arrow.label);
}

/** @param {SVGElement} group */
function makeDot(group) {
  const root = addSvg(group, "g");
  return {
    root, dot: addSvg(root, "circle", { r: 6 }), pill: addSvg(root, "rect", { rx: 9, height: 20, y: -10 }),
    text: addSvg(root, "text", { dy: "0.35em" }),
  };
}

/** @param {ReturnType<typeof makeDot>} node @param {number[]} place @param {string} label @param {boolean} isRight
 * @param {View} view */
function drawDot(node, [x, y], label, isRight, { unit, isLoupe }) {
  const scale = unit * (isLoupe ? 1.35 : 1);
  setAttributes(node.root, { transform: `translate(${x * CELL} ${y * CELL}) scale(${scale})` });
  if (!isLoupe) return;
  const wide = 8 + label.length * 7.6, start = isRight ? 12 : -12 - wide; // two that are close stand apart
  setAttributes(node.pill, { x: start, width: wide });
  setAttributes(node.text, { x: start + 4, "font-size": 13 });
  setText(node.text, label);
}
