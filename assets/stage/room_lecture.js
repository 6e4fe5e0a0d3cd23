/** The plan of the lecture, on the lecturer's stage: stop by stop with the keys of a clicker, and what to say, for them alone. */

import { addHtml, interpolate, isWrittenIn, SCROLLING, setText, TYPING } from "./dom.js";
import { minutesOf, PlanDialog } from "./room_plan_dialog.js";

/** @typedef {import("./room.js").Room} Room */
/** @typedef {import("./room_wire.js").PlanStop} PlanStop */
/** @typedef {import("./room_bar.js").Button} Button */

/** @type {Record<string, 1 | -1>} */
const TURNS = { ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1 };
const ON_ITS_WAY = 2000, TRIES = 4; // ms that the server's word on another stop is waited for, and how often
const NOTES = "roialign-lab what to say"; // in this tab: is it shown?

export class Lecture {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    /** @type {import("./room_wire.js").RoomPlan | null} */
    this.plan = null;
    /** @type {number | null} the stop that the server told last */
    this.known = null;
    /** @type {PlanStop | null} the stop that this stage is on its way to */
    this.coming = null;
    /** @type {import("./stage.js").Stage | null} from which the page of that stop was asked for */
    this.left = null;
    this.isOpened = false; // what it shows was asked for
    this.askedAt = -Infinity; // when the server was asked for another stop, while it has not told it
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.again = undefined;
    /** @type {PlanDialog | null} */
    this.dialog = null;
    this.problem = "";
    this.isNoted = readNoted();
    this.notes = document.createElement("section");
    this.notes.className = "roi-room-notes";
    this.notes.dataset.testid = "plan-notes";
    this.where = addHtml(this.notes, "p", { class: "roi-room-where" });
    this.say = addHtml(this.notes, "p");
    this.then = addHtml(this.notes, "p", { class: "roi-room-then" });
  }

  get at() {
    return this.room.isLecturer ? this.room.state?.stop ?? -1 : -1;
  }

  get isOn() {
    return this.at >= 0 && this.plan !== null;
  }

  /** Is what this stage shows not what its stop shows, now or in a moment? */
  get isOnItsWay() {
    return this.coming !== null || performance.now() - this.askedAt < ON_ITS_WAY;
  }

  /** @param {import("./room_wire.js").RoomPlan} plan */
  receivePlan(plan) {
    this.plan = plan;
    this.dialog?.draw();
  }

  /** What is wrong with a plan of their own; empty where it was taken. @param {string} problem */
  receiveProblem(problem) {
    this.problem = problem;
    this.dialog?.draw();
  }

  /** Another stop goes to where it is, on every stage of the lecturer. */
  receiveState() {
    const before = this.known;
    this.known = this.at;
    if (before !== this.at) this.isTold();
    if (before !== null && before !== this.at && this.at >= 0) this.goTo(this.plan?.stops[this.at]);
    this.dialog?.draw();
  }

  // ---- from stop to stop ------------------------------------------------------------------------------------------

  /** A key that means something here does it. @param {KeyboardEvent} event @returns {boolean} did it? */
  press(event) {
    const { key, repeat, target } = event, by = TURNS[key];
    if (!by || !this.isOn || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
    if (this.room.stage?.presenter.blank || isWrittenIn(target)) return false;
    if (key.startsWith("Arrow") && target instanceof Element && target.closest(`${TYPING}, ${SCROLLING}`)) return false;
    return repeat || this.turn(by);
  }

  /** On: what the highlighted button of an open question does, else the next stop. Back: the stop before.
   * @param {1 | -1} by @returns {boolean} is there a plan? */
  turn(by) {
    if (!this.isOn) return false;
    const { question } = this.room.votes, main = this.room.bar.mainButton;
    const isLast = this.at + by >= (this.plan?.stops.length ?? 0);
    if (by > 0 && question && main && (isLast || question.phase !== "revealed")) main.act();
    else this.openStop(this.at + by);
    return true;
  }

  /** @param {number} number  of the stop */
  openStop(number) {
    const stop = this.plan?.stops[number];
    if (!stop) return;
    if (number === this.at) this.goTo(stop); // back to it, from wherever this stage is
    else this.ask(number, TRIES);
  }

  /** Ask the server for a stop, and again where it does not tell it: a key is pressed once. @param {number} number
   * @param {number} tries */
  ask(number, tries) {
    this.askedAt = performance.now();
    this.room.lead({ stop: number });
    clearTimeout(this.again);
    if (tries > 1) this.again = setTimeout(() => this.ask(number, tries - 1), ON_ITS_WAY);
  }

  isTold() {
    this.askedAt = -Infinity;
    clearTimeout(this.again);
  }

  /** @param {PlanStop | undefined} stop */
  goTo(stop) {
    if (!stop) return;
    this.coming = stop;
    this.left = null;
    this.isOpened = false;
    this.arrive();
  }

  /** The stage drew something: is it the page of the stop, is it the stop? */
  arrive() {
    const { coming, room: { stage } } = this;
    if (!coming || !stage?.still) return;
    if (stage.still.page !== coming.page) {
      if (this.left !== stage) stage.requests.leave(coming.page, `${coming.path}?${coming.address}&lang=${stage.words.language}`);
      this.left = stage; // a stage that was on its way elsewhere comes to an end: the next one is asked again
      return;
    }
    if (this.isOpened) {
      if (!stage.requests.isUnderWay) this.coming = null;
      return;
    }
    this.isOpened = true;
    const shown = new URLSearchParams(stage.address), entries = [...new URLSearchParams(coming.address)];
    if (entries.every(([name, value]) => shown.get(name) === value)) { // it shows that already
      if (!stage.requests.isUnderWay) this.coming = null;
      return;
    }
    const { step, ...set } = Object.fromEntries(entries);
    if (step) {
      stage.step = step;
      stage.prediction.leave();
    }
    stage.report({ set, ...(step && { step }), commit: true });
  }

  // ---- what is seen -----------------------------------------------------------------------------------------------

  /** @returns {Button[]} */
  get buttons() {
    const { room: { words }, plan, at, isOn, isNoted } = this;
    if (!plan) return [];
    if (!isOn) return [{ name: "plan", label: words.plan, title: words.plan_title, act: () => this.openDialog() }];
    return [
      { name: "plan-back", label: "‹", title: words.plan_back, isOff: at === 0, act: () => void this.turn(-1) },
      { name: "plan", label: `${at + 1} / ${plan.stops.length}`, title: words.plan_title, act: () => this.openDialog() },
      { name: "plan-on", label: "›", title: words.plan_on, isOff: at === plan.stops.length - 1 && !this.room.votes.question, act: () => void this.turn(1) },
      { name: "plan-say", label: words.plan_say, title: words.plan_say_title, isPressed: isNoted, act: () => this.toggleNotes() },
    ];
  }

  toggleNotes() {
    this.isNoted = !this.isNoted;
    try {
      sessionStorage.setItem(NOTES, String(this.isNoted));
    } catch {
      // a browser may keep nothing
    }
    this.room.draw();
  }

  draw() {
    const { plan, isOn, at, room: { words, bar } } = this, part = plan?.parts[plan.stops[at]?.part];
    if (!plan || !isOn || !this.isNoted || !part) return this.notes.remove();
    if (this.notes.parentElement !== bar.root) bar.root.prepend(this.notes);
    this.notes.setAttribute("aria-label", words.plan_say);
    const { part: number } = plan.stops[at], minute = minutesOf(plan.parts.slice(0, number));
    const when = part.minutes ? [interpolate(words.plan_minutes, { minutes: part.minutes }), interpolate(words.plan_at_minute, { minute })] : [];
    setText(this.where, [part.title, ...when].join(" · "));
    setText(this.say, part.say);
    const next = plan.parts[number + 1];
    setText(this.then, next ? interpolate(words.plan_next, { title: next.title }) : "");
  }

  openDialog() {
    const { stage } = this.room;
    if (!stage || !this.plan) return;
    this.dialog?.close();
    this.problem = "";
    this.dialog = new PlanDialog(stage.root, this);
  }

  /** The plan as a file, or printed. @param {{ kind: string, content: string }} file
   * @param {(name: string, content: string, type: string) => void} save */
  receiveFile({ kind, content }, save) {
    if (kind !== "print") return save("lesson.toml", content, "application/toml");
    document.querySelector("iframe.roi-plan-print")?.remove();
    const frame = addHtml(document.body, "iframe", { class: "roi-plan-print", "data-testid": "plan-print", "aria-hidden": true, tabindex: -1, srcdoc: content });
    frame.addEventListener("load", () => frame.contentWindow?.print(), { once: true });
  }

  end() {
    clearTimeout(this.again);
    this.dialog?.close();
    this.notes.remove();
  }
}

function readNoted() {
  try {
    return sessionStorage.getItem(NOTES) === "true";
  } catch {
    return false; // a browser may keep nothing
  }
}
