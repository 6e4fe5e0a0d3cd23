/** What a class answered, on the lecturer's stage: a cloud on the map, and bars; the first vote beside the second. */

import { addHtml, poolOf, setText } from "./dom.js";
import { CELL } from "./geometry.js";
import { sizeAt } from "./placement.js";
import { Quiz } from "./quiz.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").RoomAnswers} Answers */

/** @typedef {{ places: NodePool<{ root: SVGPathElement }>, cells: NodePool<{ root: SVGRectElement }>, counts: NodePool<{ root: SVGTextElement }> }} Cloud */
/** @template {{ root: SVGElement }} T @typedef {import("./dom.js").NodePool<T>} NodePool */

const LEAST = 0.16; // of the opacity of a cell that one of many tapped

export class RoomAnswers {
  constructor() {
    this.root = document.createElement("section");
    this.root.className = "roi-card roi-room-answers";
    this.root.dataset.testid = "room-answers";
    /** @type {Answers | null} */
    this.drawn = null;
  }

  /** @param {Stage} stage @param {Answers | null} answers @param {Record<string, string>} words */
  draw(stage, answers, words) {
    const talk = stage.root.querySelector(".roi-talk"), [panel] = stage.panels;
    stage.root.classList.toggle("roi-answered", Boolean(answers?.bars.length) && stage.kind === "quiz");
    if (panel) drawCloud(panel, answers?.cloud ?? null);
    if (!answers?.bars.length || !talk) {
      this.root.remove();
      this.drawn = null;
      return;
    }
    if (this.root.parentElement !== talk) talk.querySelector(".roi-sentence")?.after(this.root);
    if (this.drawn === answers) return;
    this.drawn = answers;
    this.root.setAttribute("aria-label", words.answers);
    this.root.replaceChildren();
    if (answers.counts.length > 1) {
      const legend = addHtml(this.root, "p", { class: "roi-room-legend" });
      [words.first, words.second].forEach((name, k) => addHtml(legend, "span", { class: `roi-vote-${k + 1}` }, name));
    }
    for (const bar of answers.bars) this.makeBar(bar, answers.counts, words);
  }

  /** @param {Answers["bars"][number]} bar @param {number[]} all  votes of each round @param {Record<string, string>} words */
  makeBar({ label, counts, right, why }, all, words) {
    const row = addHtml(this.root, "div", { class: right ? "roi-bar-right" : "" });
    const name = addHtml(row, "div", { class: "roi-bar-label" }, label);
    if (right) addHtml(name, "b", {}, ` ✓ ${words.right}`);
    counts.forEach((count, k) => {
      const line = addHtml(row, "div", { class: `roi-bar-line roi-vote-${k + 1}` }), track = addHtml(line, "i");
      addHtml(track, "i", { style: `width: ${(100 * count) / Math.max(all[k], 1)}%` });
      addHtml(line, "span", {}, String(count));
    });
    if (why) addHtml(row, "p", {}, why);
  }

  /** The choice that this browser voted for. @param {Stage} stage @param {number | undefined} answer */
  markChoice(stage, answer) {
    const quiz = stage.view?.lesson?.quiz;
    if (!(quiz instanceof Quiz)) return;
    quiz.answers.forEach((button, k) => {
      if (k === answer) button.setAttribute("aria-pressed", "true");
      else button.removeAttribute("aria-pressed");
    });
  }
}

/** @param {import("./panel.js").Panel} panel @param {Answers["cloud"] | null} cloud */
function drawCloud(panel, cloud) {
  const layer = panel.layers.cloud;
  if (!layer || (!cloud && !panel.cloud)) return;
  panel.cloud ??= {
    places: poolOf(layer, "path"),
    cells: poolOf(layer, "rect", { rx: 6 }),
    counts: poolOf(layer, "text"),
  };
  const { places, cells, counts } = panel.cloud, tables = cloud?.rounds.map(readTable) ?? [];
  const isCell = cloud?.mark === "cell", arm = cloud ? (sizeAt(cloud.size, CELL / (panel.unit || 1)) / 2) * (panel.unit || 1) : 0;
  const marks = tables.flatMap((table, k) => table.map((row) => ({ x: row[0] * CELL, y: row[1] * CELL, count: row[2] ?? 1, round: k + 1 })));
  const last = marks.filter(({ round }) => round === tables.length), most = Math.max(1, ...last.map(({ count }) => count));
  places.draw(isCell ? [] : marks, ({ root }, { x, y, round }) => {
    root.setAttribute("d", `M${x - arm} ${y - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`);
    root.setAttribute("class", round === tables.length ? "roi-vote-now" : "roi-vote-before");
  });
  cells.draw(isCell ? last : [], ({ root }, { x, y, count }) => {
    for (const [name, value] of Object.entries({ x: x - CELL / 2, y: y - CELL / 2, width: CELL, height: CELL })) root.setAttribute(name, String(value));
    root.style.opacity = String(LEAST + (0.75 - LEAST) * (count / most));
  });
  counts.draw(isCell ? last : [], ({ root }, { x, y, count }) => {
    root.setAttribute("x", String(x));
    root.setAttribute("y", String(y + CELL * 0.14));
    root.setAttribute("style", `font-size: ${CELL * 0.36}px`);
    const before = marks.find((mark) => mark.round < tables.length && mark.x === x && mark.y === y);
    setText(root, tables.length > 1 ? `${before?.count ?? 0}→${count}` : String(count));
  });
}

/** @param {string} table */
const readTable = (table) => (table ? table.split(",").map((row) => row.split(" ").map(Number)) : []);

