/** *Record*: where the box is in a drag, one position after the other, for a film on the Slides page. */

import { addHtml, interpolate, setAttributes, setText } from "./dom.js";

/** @typedef {import("./wire.js").Box} Box */
/** @typedef {import("./stage.js").Stage} Stage */

const MOST = 2000; // positions that a film takes

/** The positions since *Record* was pressed. The stage keeps them where the buttons are made anew. */
export class DragRecorder {
  constructor() {
    /** @type {Box[] | null} null while nothing is recorded */
    this.path = null;
  }

  /** @param {Box} box */
  note(box) {
    if (this.path && this.path.length < MOST) this.path.push(box);
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
    this.root = addHtml(row, "button", { type: "button", class: "roi-record", "data-testid": "record", title: words.record_title });
    this.root.addEventListener("click", () => this.press());
    this.draw();
  }

  press() {
    const { recorder, stage, stage: { box, words } } = this, { path } = recorder;
    recorder.path = path || !box ? null : [box];
    if (path && path.length > 1) {
      stage.report({ recorded: path, commit: true });
      this.tell(interpolate(words.recorded, { count: path.length }));
    } else this.tell(path ? words.record_nothing : words.record_now);
    this.draw();
  }

  draw() {
    const isOn = this.recorder.path !== null, { words } = this.stage;
    setAttributes(this.root, { "aria-pressed": isOn });
    setText(this.root, isOn ? words.record_stop : words.record);
  }
}
