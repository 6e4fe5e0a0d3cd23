/**
 * A walk without Python: what a person does is answered from what Python recorded (`roialign_lab/export/html_file.py`).
 * Of what was not recorded the nearest is shown: no number is computed here.
 */

import { SIDES } from "./geometry.js";

/** @typedef {import("./connection.js").KeptConnection} KeptConnection */
/** @typedef {import("./events.js").SentEvent} SentEvent */
/** @typedef {import("./wire.js").Focus} Focus */
/** @typedef {import("./wire.js").Still} Still */
/** @typedef {import("./wire.js").Update} Update */

/**
 * One walk, or one page, of one box.
 *
 * @typedef {object} RecordedPart
 * @property {string} axis  the side of the box, or of the point, that a slider moves; "" where nothing is moved
 * @property {string[]} steps
 * @property {number[]} start  the record that is seen first: a step, row, column, sample, place of the axis
 * @property {Record<string, number>} stills  by language, their places in the pool
 * @property {number[][]} records  a step, row, column, sample, place of the axis, then the answer in each language
 */

/**
 * Everything once: a list of the pool is -1 and the places of its values, an object the place of its names, then those of
 * its values.
 *
 * @typedef {object} Recording
 * @property {string[]} languages
 * @property {string[][]} names
 * @property {any[]} pool
 * @property {RecordedPart[]} parts
 */

const [STEP, ROW, COLUMN, SAMPLE, AT] = [0, 1, 2, 3, 4], ANSWERS = 5;

/** Reads the values of a pool, each once. @param {Pick<Recording, "names" | "pool">} recording */
export function reader({ names, pool }) {
  /** @type {Map<number, any>} */
  const known = new Map();
  /** @param {number} place @returns {any} */
  const read = (place) => {
    if (!known.has(place)) known.set(place, whole(pool[place]));
    return known.get(place);
  };
  /** @param {any} value */
  const whole = (value) => {
    if (!Array.isArray(value)) return value;
    const [kind, ...places] = value;
    return kind < 0 ? places.map(read) : Object.fromEntries(places.map((inner, k) => [names[kind][k], read(inner)]));
  };
  return read;
}

/** The record of a step that is nearest: at its place on the axis, then of its bin, then of its sample point.
 * @param {number[][]} records @param {number[]} wanted  as a record begins */
export function nearest(records, wanted) {
  /** @param {number[]} record */
  const apart = (record) => [
    Math.abs(record[AT] - wanted[AT]), Number(record[ROW] !== wanted[ROW] || record[COLUMN] !== wanted[COLUMN]),
    Number(record[SAMPLE] !== wanted[SAMPLE]),
  ];
  const first = (/** @type {number[]} */ a, /** @type {number[]} */ b) => {
    const k = a.findIndex((value, n) => value !== b[n]);
    return k >= 0 && a[k] < b[k];
  };
  return records.filter((record) => record[STEP] === wanted[STEP])
    .reduce((best, record) => (first(apart(record), apart(best)) ? record : best));
}

/** The part of a file that is open, and where it stands. @implements {KeptConnection} */
export class RecordedConnection {
  /** @param {Recording} recording @param {string} language
   * @param {(update: Update) => void} onseen  before the stage hears of an answer: another part has another stage */
  constructor(recording, language, onseen) {
    this.recording = recording;
    this.language = language;
    this.onseen = onseen;
    this.read = reader(recording);
    this.isOpen = true;
    /** @type {KeptConnection["onanswer"]} */
    this.onanswer = null;
    this.place = 0; // of the part
    this.wanted = this.pinned = [...recording.parts[0].start];
  }

  /** No answer is ever lost. */
  restart() {}

  /** A part as it begins. @param {number} place */
  open(place) {
    this.place = place;
    this.wanted = [...this.part.start];
    this.pinned = this.part.start;
  }

  get part() {
    return this.recording.parts[this.place];
  }

  /** @param {SentEvent} event */
  ask(event) {
    const other = event.go_to === undefined ? -1 : this.recording.parts.findIndex((_, k) => nameOf(k) === event.go_to);
    if (other >= 0) this.open(other);
    else this.follow(event);
    queueMicrotask(() => this.show(event.seq));
  }

  /** Draw what is seen. @param {number} ack */
  show(ack) {
    const update = this.answer(ack);
    this.onseen(update);
    this.onanswer?.(update);
  }

  /** Where a person went within the part. @param {SentEvent} event */
  follow({ language, step, focus, pin, box, point }) {
    const { wanted, part: { steps, axis } } = this;
    if (language && this.recording.languages.includes(language)) this.language = language;
    if (step && steps.includes(step)) wanted[STEP] = steps.indexOf(step);
    if (focus) Object.assign(wanted, { [ROW]: focus.row, [COLUMN]: focus.column, [SAMPLE]: focus.sample });
    if (focus && pin) this.pinned = [...wanted];
    const moved = box?.[SIDES.indexOf(axis)] ?? point?.[axis === "y" ? 0 : 1];
    if (axis && moved !== undefined) wanted[AT] = moved;
  }

  /** What is seen. @param {number} ack @returns {Update} */
  answer(ack) {
    const { part, language, place } = this, record = nearest(part.records, this.wanted);
    const focusOf = (/** @type {number[]} */ at) => /** @type {import("./wire.js").PackedFocus} */ (at.slice(ROW, AT));
    return {
      ...this.read(record[ANSWERS + this.recording.languages.indexOf(language)]),
      step: part.steps[record[STEP]], focus: focusOf(record), pinned: focusOf(this.pinned), still_id: `${place} ${language}`,
      still: this.read(part.stills[language]), address: "", ack,
    };
  }
}

/** What a part is called among the pages. @param {number} place */
export const nameOf = (place) => `part-${place + 1}`;
