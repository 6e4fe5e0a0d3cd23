/** What lies on the map and is not looked at in particular: rectangles, lines, arrows, dots, where a gradient lands. */

import { addSvg, NodePool, poolOf, setAttributes } from "./dom.js";
import { CELL } from "./geometry.js";
import { CORNER_INKS } from "./weights.js";
import { headOf, sizeAt } from "./placement.js";

/** @typedef {import("./unpack.js").Marks} Marks */
/** @typedef {import("./wire.js").Box} Box */

const FRAMES = /** @type {const} */ (["area", "read", "snapped", "reach", "square"]);
const DIVISIONS = /** @type {const} */ (["pixels", "part", "split"]);
const ARROWS = /** @type {const} */ (["error", "slope"]);
const LERPS = /** @type {const} */ (["lerp_x", "lerp_y"]);

const MOST_CELLS_APART = 150;
const MOST_BINS_APART = 16; // more that only touch are one path: an element each would take longer than a frame

/** Of a cell that a gradient reaches. @param {number} level  0…100 */
const opacityAt = (level) => 0.15 + level * 0.0085;

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
 * @property {import("./wire.js").Placement} placement
 * @property {number} outputColumns
 */

export class MarkPainter {
  /** @param {Record<string, SVGGElement>} layers */
  constructor(layers) {
    this.bins = poolOf(layers.bin, "polygon"); // one attribute is written, which is no property of style
    this.touchingBins = addSvg(layers.bin, "path", { "data-testid": "bins" });
    this.frames = Object.fromEntries(FRAMES.map((role) => [role, new NodePool(layers[role], (group, k) =>
      ({ root: addSvg(group, "rect", role === "area" ? { class: `roi-${CORNER_INKS[k]}` } : {}) }))]));
    this.divisions = Object.fromEntries(DIVISIONS.map((role) => [role, poolOf(layers[role], "line")]));
    this.arrows = Object.fromEntries(ARROWS.map((role) => [role, new NodePool(layers[role], makeArrow)]));
    this.lerps = Object.fromEntries(LERPS.map((role) => [role, poolOf(layers[role], "circle")]));
    this.gradient = poolOf(layers.gradient, "rect");
    this.levels = poolOf(addSvg(layers.gradient, "g"), "path");
  }

  /** @param {Marks} marks @param {View} view */
  draw(marks, view) {
    this.drawBins(marks.rectangles.bin, marks.samples.isInterpolated, view);
    for (const role of FRAMES) {
      this.frames[role].draw(marks.rectangles[role], ({ root }, box) => setAttributes(root, rectangle(box)));
    }
    for (const role of DIVISIONS) {
      this.divisions[role].draw(marks.lines[role], ({ root }, [x1, y1, x2, y2]) =>
        setAttributes(root, { x1: x1 * CELL, y1: y1 * CELL, x2: x2 * CELL, y2: y2 * CELL }));
    }
    for (const role of ARROWS) {
      const most = view.placement.heads[role];
      this.arrows[role].draw(marks.arrows[role], (node, arrow) => drawArrow(node, arrow, most, view));
    }
    this.drawGradient(marks.gradient);
    const radius = sizeAt(view.placement.dot, CELL / view.unit) * view.unit;
    for (const role of LERPS) {
      this.lerps[role].draw(marks.dots[role], ({ root }, [x, y]) =>
        setAttributes(root, { cx: x * CELL, cy: y * CELL, r: radius }));
    }
  }

  /** Cells of one level are one path where there are many. @param {Marks["gradient"]} cells */
  drawGradient(cells) {
    const apart = cells.length > MOST_CELLS_APART ? [] : cells;
    this.gradient.draw(apart, ({ root }, { box, level }) =>
      setAttributes(root, { ...rectangle(box), "fill-opacity": opacityAt(level) }));
    /** @type {Map<number, string>} */
    const paths = new Map();
    for (const { box, level } of apart.length ? [] : cells) paths.set(level, `${paths.get(level) ?? ""}M${corners(box)}z`);
    this.levels.draw([...paths], ({ root }, [level, d]) => setAttributes(root, { d, "fill-opacity": opacityAt(level) }));
  }

  /** Bins with sample points only touch; those of RoI Pooling may share cells, which are darker for it.
   * @param {number[][]} boxes @param {boolean} areTouching @param {View} view */
  drawBins(boxes, areTouching, { outputColumns }) {
    const isPath = areTouching && boxes.length > MOST_BINS_APART;
    setAttributes(this.touchingBins, { d: isPath ? boxes.map((box) => `M${corners(box)}z`).join("") : "" });
    this.bins.draw(isPath ? [] : boxes, ({ root }, box, k) => setAttributes(root, {
      points: corners(box), "data-testid": `bin-${Math.floor(k / outputColumns)}-${k % outputColumns}`,
    }));
  }
}

/** A mask by its outline, on a halo. */
export class Outline {
  /** @param {SVGGElement} layer */
  constructor(layer) {
    this.halo = addSvg(layer, "path", { class: "roi-outline-halo" });
    this.line = addSvg(layer, "path", { class: "roi-outline" });
  }

  /** @param {import("./wire.js").PackedOutline} [outline] */
  draw([pixel, d] = [1, ""]) {
    for (const path of [this.halo, this.line]) setAttributes(path, { d, transform: `scale(${pixel * CELL})` });
  }
}

/** @param {SVGElement} group */
function makeArrow(group) {
  const root = addSvg(group, "g");
  return { root, line: addSvg(root, "line"), head: addSvg(root, "polygon") };
}

/** @param {ReturnType<typeof makeArrow>} node @param {import("./unpack.js").Arrow} arrow @param {number} most  pixels that
 * its head is long @param {View} view */
function drawArrow(node, arrow, most, { unit, placement }) {
  const [tip, left, right] = headOf(arrow, most, placement.head_aside, CELL / unit);
  const base = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
  setAttributes(node.line, { x1: arrow.x0 * CELL, y1: arrow.y0 * CELL, x2: base[0] * CELL, y2: base[1] * CELL });
  setAttributes(node.head, { points: [tip, left, right].map(([x, y]) => `${x * CELL} ${y * CELL}`).join(" ") });
}
