/** The plan of a lecture as a list: begun, gone on with from any part, changed for another, saved, printed. */

import { addHtml, interpolate, setText } from "./dom.js";

/** @typedef {import("./room_lecture.js").Lecture} Lecture */

const LONGEST = 40_000; // characters that are sent of a file: more than a plan may have, so that Python says so

/** How long parts of a plan take together. @param {{ minutes: number }[]} parts */
export const minutesOf = (parts) => Number(parts.reduce((sum, { minutes }) => sum + minutes, 0).toFixed(2));

export class PlanDialog {
  /** @param {HTMLElement} host @param {Lecture} lecture */
  constructor(host, lecture) {
    const { room: { words } } = lecture;
    this.lecture = lecture;
    this.root = addHtml(host, "dialog", { class: "roi-plan", "data-testid": "plan-dialog", "aria-label": words.plan });
    const head = addHtml(this.root, "header");
    this.title = addHtml(head, "h2");
    this.start = this.makeButton(head, "start", "", () => this.press());
    this.makeButton(head, "leave", words.plan_leave, () => lecture.room.lead({ stop: -1 }));
    this.makeButton(head, "print", words.plan_print, () => this.ask("print"));
    this.makeButton(head, "save", words.plan_save, () => this.ask("toml"));
    this.makeButton(head, "ready", words.plan_ready, () => lecture.room.lead({ lesson: "" }));
    this.makeButton(head, "close", words.close, () => this.close());
    this.start.className = "roi-room-main";
    const own = addHtml(this.root, "label", {}, `${words.plan_own} `);
    this.file = addHtml(own, "input", { type: "file", accept: ".toml", "data-testid": "plan-file" });
    this.file.addEventListener("change", () => void this.load());
    this.problem = addHtml(this.root, "p", { role: "alert", class: "roi-plan-problem", "data-testid": "plan-problem" });
    addHtml(this.root, "p", { class: "roi-plan-how" }, words.plan_how);
    this.list = addHtml(this.root, "ol");
    /** @type {import("./room_wire.js").RoomPlan | null} */
    this.drawn = null;
    this.draw();
    if (this.root.isConnected) this.root.showModal();
    this.start.focus();
  }

  /** @param {HTMLElement} host @param {string} name @param {string} label @param {() => void} act */
  makeButton(host, name, label, act) {
    const button = addHtml(host, "button", { type: "button", "data-testid": `plan-${name}` }, label);
    button.addEventListener("click", act);
    return button;
  }

  /** @param {string} kind */
  ask(kind) {
    this.lecture.room.lead({ plan: kind, place: location.origin + location.pathname });
  }

  async load() {
    const file = this.file.files?.[0];
    if (file) this.lecture.room.lead({ lesson: (await file.text()).replace(/^\uFEFF/, "").slice(0, LONGEST) });
    this.file.value = "";
  }

  /** Begin, or go on. */
  press() {
    this.close();
    this.lecture.openStop(Math.max(this.lecture.at, 0));
  }

  draw() {
    const { plan, at, problem, room: { words } } = this.lecture;
    if (!plan) return;
    const minutes = minutesOf(plan.parts);
    setText(this.title, [plan.title, minutes && interpolate(words.plan_minutes, { minutes })].filter(Boolean).join(" · "));
    setText(this.start, at < 0 ? words.plan_start : interpolate(words.plan_go_on, { at: at + 1 }));
    setText(this.problem, problem);
    for (const [name, isHidden] of [["leave", at < 0], ["ready", !plan.own]]) {
      const button = this.root.querySelector(`[data-testid="plan-${name}"]`);
      if (button instanceof HTMLElement) button.hidden = Boolean(isHidden);
    }
    if (this.drawn !== plan) this.drawList(plan);
    this.drawn = plan;
    [...this.list.children].forEach((item, k) => {
      if (plan.stops[at]?.part === k) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    });
  }

  /** @param {import("./room_wire.js").RoomPlan} plan */
  drawList(plan) {
    const { lecture, lecture: { room: { words } } } = this;
    this.list.replaceChildren();
    plan.parts.forEach((part, k) => {
      const item = addHtml(this.list, "li");
      const open = this.makeButton(item, `part-${k}`, part.title, () => {
        this.close();
        lecture.openStop(plan.stops.findIndex((stop) => stop.part === k));
      });
      open.className = "roi-plan-part";
      if (part.minutes) addHtml(item, "span", {}, interpolate(words.plan_minutes, { minutes: part.minutes }));
      if (part.asks) addHtml(item, "b", {}, interpolate(words.plan_asks, { question: part.asks }));
      if (part.say) addHtml(item, "p", {}, part.say);
    });
  }

  close() {
    this.root.remove();
    if (this.lecture.dialog === this) this.lecture.dialog = null;
  }
}
