/** One button that moves a side of the box a little, and the trail: what it changed, in words, and the way of both operators. */

import { addHtml, addSvg, interpolate, NodePool, setAttributes, setMarkedText } from "./dom.js";
import { areEqual, clamp, moveSide, SIDES } from "./geometry.js";
import { linePath, stairPath } from "./unpack.js";

const PATHS = /** @type {const} */ ({ pool: stairPath, align: linePath });

export class Nudge {
  /** @param {HTMLElement} host @param {import("./stage.js").Stage} stage @param {string} ask
   * @param {HTMLElement | null} bar  in a lecture: the button stands there, and the trail comes in place of the sentence */
  constructor(host, stage, ask, bar) {
    this.host = host;
    this.stage = stage;
    this.ask = ask;
    this.by = stage.still?.nudged?.by ?? 0; // cells, the next time
    this.asked = Infinity; // the number of the event before the last nudge: its answer has a higher one
    this.scene = ""; // what the trail is of
    /** @type {import("./wire.js").Trail | null} */
    this.trail = null;
    host.classList.add("roi-nudging");
    const root = addHtml(host, "div", { class: "roi-card roi-nudge" });
    this.button = addHtml(bar ?? root, "button", { type: "button", class: "roi-lesson-link", "data-testid": "nudge" });
    this.button.addEventListener("click", () => this.move());
    this.svg = addSvg(root, "svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.lines = (/** @type {const} */ (["pool", "align"])).map((name) => ({
      name, pool: new NodePool(addSvg(this.svg, "g", { class: `roi-line-${name}` }), (group) => ({ root: addSvg(group, "path") })),
    }));
    this.words = addHtml(root, "p", { role: "status", "data-testid": "trail" });
  }

  get side() {
    return this.stage.still?.nudged?.side ?? SIDES[1];
  }

  move() {
    const { stage, side } = this, { box, limits } = stage;
    if (!box) return;
    const from = box[SIDES.indexOf(side)];
    const moved = [this.by, -this.by].map((by) => ({ by, box: moveSide(box, side, clamp(from + by, ...limits[side])) }));
    const { by, box: there } = moved.find((way) => !areEqual(way.box, box)) ?? moved[0];
    this.by = stage.still?.nudged?.returns ? -by : by;
    stage.setBox(there);
    this.asked = stage.requests.sequence;
    stage.report({ nudged: { side, from }, commit: true });
  }

  /**
   * The trail of the last nudge; that of one before it is passed over, and what Streamlit brings again. Of another map,
   * option or box there is none.
   *
   * @param {import("./wire.js").Update} update
   */
  receive({ trail, ack, still_id: stillId, box }) {
    const scene = `${stillId} ${box}`;
    if (trail && (ack ?? 0) > this.asked) Object.assign(this, { trail, scene });
    else if (this.trail && scene !== this.scene) this.clear();
  }

  /** Another box: the trail is that of the one before. */
  clear() {
    this.trail = null;
    this.asked = Infinity;
  }

  draw() {
    const { trail, stage, side } = this, { words } = stage;
    this.host.classList.toggle("roi-trailed", trail !== null);
    const name = interpolate(words.nudge, { side: words[`side_${side}`] });
    setAttributes(this.button, { title: name });
    if (this.button.textContent !== name) this.button.textContent = name;
    setMarkedText(this.words, trail?.sentence ?? this.ask);
    this.svg.style.display = trail?.chart ? "" : "none";
    for (const { name: operator, pool } of this.lines) {
      const lines = trail?.chart?.[operator].split(",") ?? [];
      const looked = lines.length === 1 ? lines : lines.filter((_, k) => k === trail?.looked);
      pool.draw(looked, ({ root }, packed) =>
        setAttributes(root, { class: "roi-looked", d: PATHS[operator](packed, (trail?.chart?.positions ?? 1) - 1) }));
    }
  }
}
