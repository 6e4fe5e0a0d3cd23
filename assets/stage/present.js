/** Present, for the lecture hall: full screen, the keys of a clicker, a blank screen, a spotlight at the pointer. */

import { addHtml, isWrittenIn } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */

const PRESSED = "button, a, summary, select", SEARCHED = "select"; // what takes a space, and what takes letters
/** @type {Record<string, 1 | -1>} what a clicker sends, and the space bar */
const TURNS = { PageDown: 1, PageUp: -1, " ": 1 };

/** Ask for the whole screen: a browser may refuse. */
export function fillScreen() {
  document.documentElement.requestFullscreen?.().catch(() => {});
}

/**
 * Say on the body whether a stage presents: what stands under it follows. A class, as `:has()` there would have the
 * browser match the styles of the whole page in every frame of a drag.
 */
export function markPresenting() {
  document.body.classList.toggle("roi-presenting", document.querySelector(".roi-present") !== null);
}

export class Presenter {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {HTMLElement | null} all black */
    this.blank = null;
    /** @type {HTMLElement | null} all dark but for a circle */
    this.spot = null;
    this.isClicked = false; // what has the keyboard has it of a pointer
    this.at = { x: innerWidth / 2, y: innerHeight / 2 };
    this.onFullScreen = () => {
      if (!document.fullscreenElement && this.isOn) this.end(); // the browser took Esc for itself
    };
    this.onPointer = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      this.at = { x: clientX, y: clientY };
      this.moveSpot();
    };
    this.onFocus = (/** @type {FocusEvent} */ { target }) => { // with the first key it would be `:focus-visible`
      this.isClicked = target instanceof Element && !target.matches(":focus-visible");
    };
    document.addEventListener("fullscreenchange", this.onFullScreen);
    document.addEventListener("focusin", this.onFocus);
    document.addEventListener("pointermove", this.onPointer);
  }

  get isOn() {
    return this.stage.still?.presenting ?? false;
  }

  destroy() {
    document.removeEventListener("fullscreenchange", this.onFullScreen);
    document.removeEventListener("focusin", this.onFocus);
    document.removeEventListener("pointermove", this.onPointer);
    this.uncover();
  }

  /** Back to the page as it was. */
  end() {
    this.uncover();
    if (document.fullscreenElement) document.exitFullscreen();
    this.stage.report({ present: false, commit: true });
  }

  uncover() {
    this.blank?.remove();
    this.spot?.remove();
    this.blank = this.spot = null;
  }

  /** A key that means something in a lecture does it. @param {KeyboardEvent} event @returns {boolean} did it? */
  press({ key, repeat, target }) {
    if (!this.isOn || repeat || isWrittenIn(target)) return false;
    const takes = key === " " ? PRESSED : key.length === 1 ? SEARCHED : "";
    if (key === "Escape") this.end();
    else if (this.blank) this.toggleBlank(); // whatever comes first shows the page again, and does no more
    else if (takes && !this.isClicked && target instanceof Element && target.closest(takes)) return false;
    else if (key === "b" || key === "B") this.toggleBlank();
    else if (key === "s" || key === "S") this.toggleSpot();
    else if (!(key in TURNS)) return false;
    else this.turn(TURNS[key]);
    return true;
  }

  /** To the next step or the one before; beyond the ends of the walk to another page. @param {1 | -1} by */
  turn(by) {
    const { stage } = this;
    if (stage.room?.lecture.turn(by)) return; // a plan says what comes next
    const canTurn = by > 0 ? stage.canGoOn : stage.stepPlace > 0 || stage.levelInside !== undefined;
    if (canTurn) stage.turn(by);
    else stage.view?.bar.turnPage(by);
  }

  toggleBlank() {
    if (this.blank) return this.uncover();
    this.blank = addHtml(document.body, "div", { class: "roi-blank", "data-testid": "blank" });
    this.blank.addEventListener("click", () => this.uncover());
  }

  toggleSpot() {
    if (this.spot) return this.uncover();
    this.spot = addHtml(document.body, "div", { class: "roi-spot", "data-testid": "spot" });
    this.moveSpot();
  }

  moveSpot() {
    this.spot?.style.setProperty("--x", `${this.at.x}px`);
    this.spot?.style.setProperty("--y", `${this.at.y}px`);
  }
}
