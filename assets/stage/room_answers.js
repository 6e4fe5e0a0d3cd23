/** What a class answered, on the lecturer's stage: a cloud on the map, and bars; the first vote beside the second. */

import { addHtml, addSvg, poolOf, setAttributes, setText } from "./dom.js";
import { CELL } from "./geometry.js";
import { rectangle } from "./marks.js";
import { sizeAt } from "./placement.js";
import { Quiz } from "./quiz.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./room_wire.js").RoomAnswers} Answers */

/** @typedef {{ crosses: SVGPathElement[], cells: NodePool<{ root: SVGRectElement }>, counts: NodePool<{ root: SVGTextElement }> }} Cloud
 * `crosses`: the halo and the × of the vote before, then of this one */
/** @template {{ root: SVGElement }} T @typedef {import("./dom.js").NodePool<T>} NodePool */

const LEAST = 0.15, MOST = 0.75; // opacity of a cell that few tapped, and of the one that most did
const LETTERS = 0.34, WIDEST = 1.5, BASELINE = 0.13; // cells: the size of a count, of which a longer one has less; below the middle

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
    stage.root.classList.toggle("roi-answered", Boolean(answers?.bars.length));
    if (panel) drawCloud(panel, answers?.cloud ?? null, !answers?.bars.length);
    if (!answers?.bars.length || !talk) {
      this.root.remove();
      this.drawn = null;
      return;
    }
    if (this.root.parentElement !== talk) talk.querySelector(".roi-sentence")?.[stage.kind === "quiz" ? "after" : "before"](this.root);
    if (this.drawn === answers) return;
    this.drawn = answers;
    this.root.setAttribute("aria-label", words.answers);
    this.root.replaceChildren();
    if (answers.counts.length > 1) {
      const legend = addHtml(this.root, "p", { class: "roi-room-legend" });
      [words.first, words.second].forEach((name, k) => addHtml(legend, "span", { class: `roi-vote-${k + 1}` }, name));
    }
    if (answers.distance) addHtml(this.root, "p", { class: "roi-room-distance", "data-testid": "room-distance" }, answers.distance);
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

/** @param {import("./panel.js").Panel} panel @param {Answers["cloud"] | null} cloud @param {boolean} areCounted  with how often
 * each cell was tapped: once the answer shows, bars say it */
function drawCloud(panel, cloud, areCounted) {
  const layer = panel.layers.cloud;
  if (!cloud && !panel.cloud) return;
  panel.cloud ??= {
    cells: poolOf(layer, "rect", { rx: 6 }),
    crosses: ["before", "now"].flatMap((vote) => ["halo", "cross"].map((part) =>
      addSvg(layer, "path", { class: `roi-${part} roi-vote-${vote}`, "data-testid": `cloud-${vote}-${part}` }))),
    counts: poolOf(layer, "text", { "data-testid": "cloud-count" }),
  };
  const { crosses, cells, counts } = panel.cloud, [now = [], before = []] = (cloud?.rounds ?? []).map(readTable).reverse();
  const isCell = cloud?.mark === "cell", unit = panel.unit || 1, arm = cloud ? (sizeAt(cloud.size, CELL / unit) / 2) * unit : 0;
  const disc = panel.placement.disc, shapeOf = { region: outlinesOf, weight: (/** @type {number[][]} */ table) => ringsOf(table, disc), place: (/** @type {number[][]} */ table) => crossesAt(table, arm), cell: () => "" };
  [before, before, now, now].forEach((table, k) => setAttributes(crosses[k], { d: shapeOf[cloud?.mark ?? "cell"](table) }));
  const most = Math.max(1, ...now.map(([, , count]) => count)), areTwo = cloud?.rounds.length === 2;
  cells.draw(isCell ? now : [], ({ root }, [x, y, count]) => {
    setAttributes(root, { ...rectangle([x - 0.5, y - 0.5, x + 0.5, y + 0.5]), opacity: LEAST + (MOST - LEAST) * (count / most) });
  });
  const earlier = before.filter(([x, y]) => !now.some((cell) => cell[0] === x && cell[1] === y));
  counts.draw(isCell && areCounted ? [...now, ...earlier.map(([x, y]) => [x, y, 0])] : [], ({ root }, [x, y, count]) => {
    const first = before.find((cell) => cell[0] === x && cell[1] === y)?.[2] ?? 0;
    const text = areTwo ? `${first}→${count}` : String(count), letters = Math.min(LETTERS, WIDEST / text.length);
    setAttributes(root, { x: x * CELL, y: (y + BASELINE) * CELL, "font-size": letters * CELL });
    setText(root, text);
  });
}

/** @param {number[][]} places @param {number} arm  drawing units */
const crossesAt = (places, arm) => places.map(([x, y]) =>
  `M${x * CELL - arm} ${y * CELL - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`).join("");

/** @param {number[][]} regions */
const outlinesOf = (regions) => regions.map(([x1, y1, x2, y2]) => `M${x1 * CELL} ${y1 * CELL}H${x2 * CELL}V${y2 * CELL}H${x1 * CELL}Z`).join("");

/** @param {number[][]} weights  x, y and how much @param {number} disc  cells: the radius of all of it */
const ringsOf = (weights, disc) => weights.map(([x, y, weight]) => {
  const r = disc * Math.sqrt(weight) * CELL;
  return `M${x * CELL - r} ${y * CELL}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
}).join("");

/** @param {string} table */
const readTable = (table) => (table ? table.split(",").map((row) => row.split(" ").map(Number)) : []);

