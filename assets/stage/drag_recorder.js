/** *Record*: where the box is in a drag, one position after the other, for a film on the Slides page. */

import { addHtml, setAttributes, setText } from "./dom.js";

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./stage.js").Stage} Stage */

const MOST = 2000; // positions that a film takes

/** The positions since *Record* was pressed. The stage keeps them where the buttons are made anew. */
export class DragRecorder {
  constructor() {
    /** @type {Box[] | null} null while nothing is recorded */
    this.path = null;
    /** @type {string | undefined} in whose cells the positions are */
    this.map = undefined;
  }

  /** @param {Box} box @param {string | undefined} map */
  start(box, map) {
    this.path = [box];
    this.map = map;
  }

  /** On another map it begins anew; of a long drag every second position gives way. @param {Box} box @param {string | undefined} map */
  note(box, map) {
    if (!this.path) return;
    if (map !== this.map) return this.start(box, map);
    if (this.path.length === MOST) this.path = this.path.filter((_, k) => k % 2 === 0);
    this.path.push(box);
  }

  /** What was recorded on that map. @param {string | undefined} map */
  stop(map) {
    const path = this.map === map ? this.path ?? [] : [];
    this.path = null;
    return path;
  }
}

/** The button among those of the figure; pressed again it hands the positions to Python. */
export class RecordButton {
  /** @param {HTMLElement} row @param {Stage} stage @param {DragRecorder} recorder @param {(text: string) => void} tell */
  constructor(row, stage, recorder, tell) {
    const { words } = stage;
    this.stage = stage;
    this.recorder = recorder;
    this.tell = tell;
    this.root = addHtml(row, "button", { type: "button", "data-testid": "record", title: words.record_title });
    this.root.addEventListener("click", () => this.press());
    this.draw();
  }

  press() {
    const { recorder, stage, stage: { box, still, words } } = this;
    if (recorder.path) {
      const recorded = recorder.stop(still?.map), isMoved = recorded.length > 1;
      if (isMoved) stage.report({ recorded, commit: true });
      this.tell(isMoved ? words.recorded : words.record_nothing);
    } else if (box) {
      recorder.start(box, still?.map);
      this.tell(words.record_now);
    }
    this.draw();
  }

  draw() {
    const isOn = this.recorder.path !== null, { words } = this.stage;
    setAttributes(this.root, { "aria-pressed": isOn });
    setText(this.root, isOn ? words.record_stop : words.record);
  }
}
