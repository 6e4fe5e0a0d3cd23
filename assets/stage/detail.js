/** The bin that is looked at: one of its sample points with four weights and how the bin joins them, or its cells. */

import { addHtml, addSvg, interpolate, setAttributes, setMarkedText, setText } from "./dom.js";
import { clamp } from "./geometry.js";
import { readWords } from "./unpack.js";
import { CORNER_INKS, WeightRows } from "./weights.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./unpack.js").Sample} Sample */

const MOST_LISTED = 9; // values of a bin in a line of text
const MOST_WIDE = 9; // cells of a bin, beside each other, with their numbers
const MOST_CELLS = 90; // and in all

/** What a bin is called. @param {import("./panel.js").Panel} panel @param {{ row: number, column: number }} bin */
export const nameOf = ({ still, moving }, { row, column }) => still?.names?.[row * (moving?.output_columns ?? 1) + column] ?? "";

/** A sample point: where it lies among four cells, their weights, the sum; then all values of the bin and their join. */
export class SampleDetail {
  /** @param {HTMLElement} talk @param {Record<string, string>} words */
  constructor(talk, words) {
    this.root = addHtml(talk, "div", { class: "roi-card roi-detail" });
    this.title = addHtml(this.root, "h4");
    const both = addHtml(this.root, "div", { class: "roi-both" });
    this.rows = new WeightRows(both);
    this.areas = new AreaPicture(both, words.areas);
    this.joinCard = addHtml(talk, "div", { class: "roi-card roi-join" });
    addHtml(this.joinCard, "h4", {}, words.join);
    this.joined = addHtml(this.joinCard, "p", { class: "roi-joined" });
    this.other = addHtml(this.joinCard, "p", { class: "roi-quiet" });
  }

  /** @param {Stage} stage */
  draw(stage) {
    const { words, focus, panels: [panel] } = stage, { chosen } = panel;
    const { question } = stage.prediction, isTelling = question === stage.prediction.asked;
    const isEarly = !stage.hasReached("neighbors") || (question !== undefined && isTelling), isEmpty = !chosen?.weights;
    this.root.classList.toggle("roi-absent", isEarly);
    this.root.classList.toggle("roi-empty", isEmpty);
    this.joinCard.classList.toggle("roi-absent", isEarly || isEmpty);
    if (!chosen?.weights) {
      setText(this.title, interpolate(words.no_sample, { bin: nameOf(panel, focus) }));
      return;
    }
    const { weights, place, count } = chosen;
    setText(this.title, interpolate(words.detail, { bin: nameOf(panel, focus), k: place + 1, count }));
    this.rows.draw({ ...chosen, weights }, panel, words);
    this.areas.draw(chosen);
    this.drawJoin(stage, chosen);
  }

  /** @param {Stage} stage @param {Sample} chosen */
  drawJoin(stage, chosen) {
    const { words, focus, update, panels: [panel] } = stage, { unknown } = panel.placement;
    const { start, end } = panel.samplesInBin, { moving, marks } = panel;
    const bin = focus.row * (moving?.output_columns ?? 1) + focus.column;
    const values = marks?.samples.values.slice(start, Math.min(end, start + MOST_LISTED)) ?? [];
    const isKnown = stage.prediction.isOutputKnown(0), listed = stage.hasReached("values") ? values : values.map(() => unknown);
    if (chosen.place < MOST_LISTED) listed[chosen.place] = `[sample:${chosen.value}]`;
    const rest = end - start > MOST_LISTED ? ", …" : "", answer = isKnown ? readWords(moving?.output)[bin] : unknown;
    const sign = (isKnown && readWords(update?.signs)[bin]) || "=";
    setMarkedText(this.joined, `${words.aggregate}( ${listed.join(", ")}${rest} ) ${sign} [roi:${answer}]`);
    setMarkedText(this.other, interpolate(words.other, { other: isKnown ? readWords(update?.other)[bin] : unknown }));
  }
}

/** The unit square between four cell centres: the × cuts it into the four weights, each opposite its cell. */
class AreaPicture {
  /** @param {HTMLElement} host @param {string} label */
  constructor(host, label) {
    const svg = addSvg(host, "svg", { class: "roi-square-picture", viewBox: "-8 -8 116 116", role: "img", "aria-label": label });
    this.areas = [0, 1, 2, 3].map((n) => addSvg(svg, "rect", { class: `roi-${CORNER_INKS[n]}` }));
    addSvg(svg, "rect", { x: 0, y: 0, width: 100, height: 100, class: "roi-unit" });
    [[0, 0], [100, 0], [0, 100], [100, 100]].forEach(([cx, cy], n) =>
      addSvg(svg, "circle", { cx, cy, r: 6, class: `roi-${CORNER_INKS[n]}` }));
    this.paths = ["roi-halo", "roi-cross"].map((name) => addSvg(svg, "path", { class: name, d: "M-5-5L5 5M5-5L-5 5" }));
  }

  /** @param {Sample} sample */
  draw({ cells, x: sampleX, y: sampleY }) {
    const [[top, left], , , [bottom, right]] = cells;
    const x = right > left ? clamp((sampleX - left - 0.5) * 100, 0, 100) : 0; // at the border two neighbours are the same
    const y = bottom > top ? clamp((sampleY - top - 0.5) * 100, 0, 100) : 0;
    [[x, y, 100, 100], [0, y, x, 100], [x, 0, 100, y], [0, 0, x, y]].forEach(([x1, y1, x2, y2], n) =>
      setAttributes(this.areas[n], { x: x1, y: y1, width: x2 - x1, height: y2 - y1 }));
    for (const path of this.paths) setAttributes(path, { transform: `translate(${x} ${y})` });
  }
}

/** The cells that the bin reads, as they stand on the map; the largest is framed. */
export class CellsDetail {
  /** @param {HTMLElement} talk */
  constructor(talk) {
    this.root = addHtml(talk, "div", { class: "roi-card roi-detail" });
    this.title = addHtml(this.root, "h4");
    this.cells = addHtml(this.root, "div", { class: "roi-cells" });
    this.drawn = "";
  }

  /** @param {Stage} stage */
  draw(stage) {
    const { words, focus: { row, column }, update, palette, panels: [panel] } = stage, { marks, moving, still } = panel;
    if (!marks || !moving || !still) return;
    const box = marks.rectangles.bin[row * (moving.output_columns ?? 1) + column] ?? [0, 0, 0, 0];
    const [x1, y1, x2, y2] = box, width = x2 - x1, count = Math.max(width, 0) * Math.max(y2 - y1, 0);
    const title = count > 1 ? words.detail_pool : count ? words.detail_pool_one : words.no_sample;
    setText(this.title, interpolate(title, { bin: nameOf(panel, { row, column }), count }));
    this.root.classList.toggle("roi-absent", !stage.hasReached("cells"));
    const { samples } = marks, { start, end } = panel.samplesInBin;
    const isTold = stage.prediction.emphasisOf(0).sample !== "hidden"; // from the step on that compares the cells
    const winner = isTold ? samples.wins.find((k) => start <= k && k < end) : undefined;
    const drawn = `${box} ${winner} ${update?.still_id} ${stage.theme.isDark}`;
    if (this.drawn === drawn) return;
    this.drawn = drawn;
    this.cells.replaceChildren();
    this.cells.style.setProperty("--columns", String(width));
    this.cells.classList.toggle("roi-many", width > MOST_WIDE || count > MOST_CELLS);
    for (let y = y1; y < y2; y++) {
      for (let x = x1; x < x2; x++) {
        const k = y * still.columns + x;
        const wins = winner !== undefined && Math.floor(samples.y(winner)) === y && Math.floor(samples.x(winner)) === x;
        const cell = addHtml(this.cells, "span", { class: wins ? "roi-wins" : "" }, panel.labels[k]);
        cell.style.background = palette.cellColor(panel.levels[k]);
        cell.style.color = palette.numberColor(panel.levels[k]);
      }
    }
  }
}
