/** What is written on the map besides its own numbers: each text on a halo, or in a pill. */

import { addSvg, NodePool, setAttributes, setText } from "./dom.js";
import { CELL } from "./geometry.js";
import { placeText } from "./placement.js";

/** @typedef {import("./placement.js").PlacedText} PlacedText */
/** @typedef {import("./placement.js").WordGroup} WordGroup */

const HALO = 4; // pixels
/** The layers that have words, where it is not that of the role. @type {Record<string, string>} */
const LAYERS = { gradient: "landed", area: "corner", opposite: "corner" };
const ROLES = ["value", "name", "corner", "gradient", "error", "slope", "lerp_x", "lerp_y", "area", "opposite", "in_pixels", "in_cells"];

export class WordPainter {
  /** @param {Record<string, SVGGElement>} layers */
  constructor(layers) {
    this.pools = ROLES.map((role) => ({ role, pool: new NodePool(layers[LAYERS[role] ?? role], makeWords) }));
  }

  /** The nodes of a role that are written now. @param {string} role */
  shown(role) {
    const pool = this.pools.find((one) => one.role === role)?.pool;
    return pool ? pool.nodes.slice(0, pool.shown) : [];
  }

  /** @param {Record<string, WordGroup>} words  by role @param {import("./marks.js").View} view */
  draw(words, { placement, extent, unit }) {
    for (const { role, pool } of this.pools) {
      const group = words[role];
      const placed = group ? group.texts.map((text) => placeText(text, group, placement, extent, CELL / unit)) : [];
      pool.draw(placed.filter((text) => text !== null), (node, text) => drawWords(node, text, group.isPill, unit));
    }
  }
}

/** @param {SVGElement} group */
function makeWords(group) {
  const root = addSvg(group, "g", { class: "roi-words" });
  return { root, pill: addSvg(root, "rect", { class: "roi-pill" }), text: addSvg(root, "text", { dy: "0.35em" }) };
}

/** @param {ReturnType<typeof makeWords>} node @param {PlacedText} placed @param {boolean} isPill @param {number} unit */
function drawWords(node, { text, ink, box, size }, isPill, unit) {
  const [left, top, right, bottom] = box.map((side) => side * CELL);
  if (isPill) {
    setAttributes(node.pill, { x: left, y: top, width: right - left, height: bottom - top, rx: (bottom - top) / 2 });
  }
  setAttributes(node.text, {
    x: (left + right) / 2, y: (top + bottom) / 2, "font-size": size * unit, "stroke-width": isPill ? 0 : HALO * unit,
  });
  setAttributes(node.root, { class: ink ? `roi-words roi-${ink}` : "roi-words" });
  setText(node.text, text);
}
