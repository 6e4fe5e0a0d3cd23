/** A student's stage follows: it draws what the lecturer shows, as Python answered it for everybody, until it looks around. */

import { areEqual } from "./geometry.js";

/** @typedef {import("./events.js").StageEvent} StageEvent */
/** @typedef {import("./room_wire.js").RoomShow} RoomShow */

const ON_ITS_WAY = 8000; // ms until another page is asked for again
const OWN_WAY = new Set(["box", "point", "step", "set", "example", "go_to", "pin"]); // who does such a thing looks around
const NOT_SET = new Set(["lang", "hide", "present", "room", "box", "point", "seed"]); // of an address: no options to set

export class Following {
  /** @param {import("./room.js").Room} room */
  constructor(room) {
    this.room = room;
    this.isOn = true;
    /** @type {{ show: RoomShow, update: import("./wire.js").Answer | null } | null} */
    this.shown = null;
    /** @type {{ page: string, stage: import("./stage.js").Stage } | null} the page that was asked for, and from which stage */
    this.asked = null;
    /** @type {{ question: string, stage: import("./stage.js").Stage } | null} the question of the quiz that was opened last */
    this.opened = null;
  }

  /** Does a student do something of their own? @param {StageEvent} event */
  note(event) {
    if (this.isOn && Object.keys(event).some((name) => OWN_WAY.has(name))) this.set(false);
  }

  /** @param {boolean} isOn */
  set(isOn) {
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    this.opened = null;
    this.room.socket?.send({ follow: isOn });
    if (!isOn) this.takeAlong();
    this.room.draw();
  }

  /** Is what is shown a map that this part of the server does not have? */
  get isElsewhere() {
    return this.shown?.show.elsewhere === true;
  }

  /** Draw what is shown. */
  follow() {
    const { room, shown, room: { stage } } = this;
    if (stage?.still?.page === this.asked?.page) this.asked = null;
    if (room.isLecturer || !this.isOn || !stage?.still || !shown || this.isElsewhere) return;
    const { show, update } = shown;
    room.apply(() => {
      if (stage.still?.page !== show.page) return this.goTo(show, stage);
      if (show.page === "quiz") return this.openQuestion(show);
      if (!update || "refused" in update) return;
      if (update.box && stage.box && !areEqual(update.box, stage.box)) stage.prediction.clear();
      stage.requests.show(update);
    });
  }

  /** To another page, once from each stage: one that was on its way elsewhere ends, and with it what it had to ask.
   * @param {RoomShow} show @param {import("./stage.js").Stage} stage */
  goTo({ page, path, address }, stage) {
    if (this.asked?.page === page && this.asked.stage === stage) return;
    const asked = (this.asked = { page, stage });
    stage.requests.leave(page, `${path}?${address}`);
    setTimeout(() => {
      if (this.asked !== asked) return;
      this.asked = null;
      this.follow();
    }, ON_ITS_WAY);
  }

  /** @param {RoomShow} show */
  openQuestion({ address, step }) {
    const { stage } = this.room, query = new URLSearchParams(address);
    const key = step ?? query.get("step") ?? "", seed = query.get("seed") ?? "1", question = `${seed} ${key}`;
    if (!stage || (this.opened?.question === question && this.opened.stage === stage)) return;
    this.opened = { question, stage };
    if (stage.step === key && String(stage.still?.quiz?.seed) === seed) return;
    stage.step = key;
    stage.report({ set: { seed }, step: key, commit: true });
  }

  /** Who looks around goes on from what was shown: the session of this page hears of it. */
  takeAlong() {
    const { stage } = this.room;
    if (!stage?.still || stage.kind === "quiz" || stage.still.page !== this.shown?.show.page) return;
    const { box, point, focus } = stage, options = [...new URLSearchParams(stage.address)].filter(([name]) => !NOT_SET.has(name));
    this.room.apply(() => {
      stage.report({ set: Object.fromEntries(options), commit: true });
      stage.report({ ...(box && { box }), ...(point && { point }), focus, pin: true, commit: true });
    });
  }
}
