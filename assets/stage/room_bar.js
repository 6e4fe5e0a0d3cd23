/** The bar of a room, at the lower edge of the screen: what a lecturer does with it, or what a student sees of it. */

import { addHtml, interpolate, setAttributes, setText } from "./dom.js";

/** @typedef {import("./room.js").Room} Room */
/** @typedef {{ name: string, label: string, act: () => void, title?: string, isMain?: boolean, isOff?: boolean, isPressed?: boolean }} Button */

export class RoomBar {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.root = document.createElement("aside");
    this.root.className = "roi-room";
    this.root.dataset.testid = "room-bar";
    this.code = addHtml(this.root, "button", { type: "button", class: "roi-room-code-button", "data-testid": "room-code" });
    this.code.addEventListener("click", () => room.openDialog());
    this.words = addHtml(this.root, "p", { role: "status", "data-testid": "room-words" });
    this.buttons = addHtml(this.root, "div", { class: "roi-room-buttons", role: "group" });
    this.privacy = addHtml(this.root, "details", { class: "roi-room-privacy" });
    this.who = addHtml(this.privacy, "summary", { "data-testid": "room-privacy" }, "ⓘ");
    this.told = addHtml(this.privacy, "p");
    /** @type {Map<string, HTMLButtonElement>} */
    this.made = new Map();
    /** @type {Map<string, Button>} */
    this.now = new Map();
    this.said = "";
    this.isSure = false; // End was pressed once
  }

  /** Why one is in no room any more, until it is closed. @param {string} sentence */
  say(sentence) {
    this.said = sentence;
  }

  draw() {
    const { room, root } = this, { stage, place } = room, isIn = place !== null;
    const isShown = Boolean(stage) && (isIn || this.said !== "");
    if (!stage || !isShown) return root.remove();
    if (isIn && room.state) this.said = "";
    if (root.parentElement !== stage.root) stage.root.append(root);
    const { words, state } = room;
    root.setAttribute("aria-label", (room.isLecturer ? words.lecturer : words.student) ?? "");
    this.code.hidden = !isIn || !room.place?.code;
    this.code.disabled = !room.link;
    setText(this.code, room.place?.code ?? "");
    if (words.show_code) setAttributes(this.code, { title: words.show_code, "aria-label": `${words.code} ${room.place?.code}. ${words.show_code}` });
    this.privacy.hidden = !state || room.isLecturer; // the lecturer has it beside the code
    setText(this.told, words.privacy ?? "");
    if (words.privacy_title) setAttributes(this.who, { title: words.privacy_title, "aria-label": words.privacy_title });
    root.classList.toggle("roi-room-leads", room.isLecturer);
    root.classList.toggle("roi-room-asks", state?.question?.phase === "ask" && !room.isLecturer);
    setText(this.words, this.said || this.sentence);
    this.drawButtons(!isIn ? this.closing : !state ? [] : room.isLecturer ? this.ofLecturer : this.ofStudent);
  }

  /** The highlighted button, which the keys of a lecture press. */
  get mainButton() {
    return [...this.now.values()].find(({ isMain, isOff }) => isMain && !isOff) ?? null;
  }

  get sentence() {
    const { words, state, count, isConnected, isLecturer, following, votes: { question, sending, own, answers, isHere } } = this.room;
    if (!isConnected || !state) return words.lost ?? "…";
    if (isLecturer) {
      if (!question) return interpolate(words.here, { here: count.here });
      const { round, phase } = question, answered = phase === "ask" ? count.answered : answers?.counts.at(-1) ?? 0;
      return interpolate(words.answered, { round, answered, here: Math.max(count.here, answered) });
    }
    if (!following.isOn) return question ? `${words.away} ${words.open_question}` : words.away;
    if (following.isElsewhere) return words.elsewhere;
    if (!question) return state.paused ? words.paused : words.following;
    if (question.phase === "talk") return words.talking;
    if (question.phase === "shown") return words.missed;
    if (question.phase === "revealed") return words.told;
    if (sending) return words.sending;
    if (!isHere) return words.open_question; // its page or its step is on its way
    const mark = this.room.stage?.still?.questions?.[question.about]?.mark, isDragged = mark === "region" || mark === "weight";
    return own ? words.counted : interpolate(question.is_choice ? words.vote_choice : isDragged ? words.vote_drag : words.vote_map, { round: question.round });
  }

  /** @returns {Button[]} */
  get closing() {
    return [{ name: "close", label: "×", title: this.room.stage?.words.close, act: () => this.room.leave() }];
  }

  /** @returns {Button[]} */
  get ofStudent() {
    const { room } = this, { words } = room;
    return [
      room.following.isOn ? { name: "look", label: words.look_around, act: () => room.following.set(false) }
                       : { name: "back", label: words.back, isMain: true, act: () => room.following.set(true) },
      { name: "leave", label: words.leave, act: () => room.leave() },
    ];
  }

  /** @returns {Button[]} */
  get ofLecturer() {
    const { room } = this, { words, state, lecture, votes: { question, askables } } = room;
    /** @type {(phase: string, name?: string, isMain?: boolean) => Button} */
    const turn = (phase, name = phase, isMain = false) =>
      ({ name, label: words[name], isMain, act: () => room.lead({ turn: phase }) });
    const isLast = (question?.round ?? 0) > 1;
    const asks = askables.map((askable, k) => ({
      name: k ? `ask-${askable.about}` : "ask", label: interpolate(words.ask, { title: askable.title }), title: words.ask_title, isMain: k === 0, act: () => room.votes.ask(askable),
    }));
    const nothing = { name: "ask", label: words.ask_nothing, title: words.ask_nothing_title, isOff: true, act: () => {} };
    const ofPhase = () => {
      if (!question) return asks.length ? asks : [nothing];
      if (question.phase === "ask") return [turn("shown", "shown", true), turn("revealed")];
      if (question.phase === "shown") {
        return isLast ? [turn("revealed", "revealed", true)] : [turn("talk", "talk", true), turn("ask", "again"), turn("revealed")];
      }
      return question.phase === "talk" ? [turn("ask", "again", true), turn("revealed")] : [turn("done", "done", true)];
    };
    return [
      ...lecture.buttons,
      ...ofPhase(),
      state?.paused ? { name: "pause", label: words.resume, act: () => room.lead({ pause: false }) }
                    : { name: "pause", label: words.pause, title: words.pause_title, act: () => room.lead({ pause: true }) },
      { name: "gather", label: words.gather, title: words.gather_title, act: () => room.lead({ gather: true }) },
      { name: "csv", label: words.csv, title: words.csv_title, act: () => room.lead({ csv: true }) },
      { name: "end", label: this.isSure ? words.end_sure : words.end, title: words.end_title, act: () => this.pressEnd() },
    ];
  }

  pressEnd() {
    if (this.isSure) this.room.lead({ end: true });
    this.isSure = !this.isSure;
    this.draw();
    if (this.isSure) setTimeout(() => {
      this.isSure = false;
      this.draw();
    }, 4000);
  }

  /** Each stays the same element while it is there: the keyboard may be on it. @param {Button[]} buttons */
  drawButtons(buttons) {
    this.now = new Map(buttons.map((button) => [button.name, button]));
    for (const [name, node] of this.made) if (!this.now.has(name)) node.remove();
    let after = /** @type {Element | null} */ (null);
    for (const { name, label, title = "", isMain = false, isOff = false, isPressed } of buttons) {
      let node = this.made.get(name);
      if (!node) {
        node = addHtml(this.buttons, "button", { type: "button", "data-testid": `room-${name}` });
        node.addEventListener("click", () => this.now.get(name)?.act());
        this.made.set(name, node);
      }
      const next = after ? after.nextElementSibling : this.buttons.firstElementChild;
      if (next !== node) this.buttons.insertBefore(node, next);
      setText(node, label);
      setAttributes(node, { title, class: isMain ? "roi-room-main" : "" });
      if (isPressed !== undefined) setAttributes(node, { "aria-pressed": isPressed });
      if (label.length < 2) setAttributes(node, { "aria-label": title });
      node.disabled = isOff;
      after = node;
    }
  }
}
