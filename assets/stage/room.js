/**
 * The room of this tab: a lecturer's, whose stage is shown to others, or a student's, whose stage follows and who answers.
 *
 *     room → room_socket, room_memory     the road to it, and what this browser keeps
 *          → room_follow                  a student's stage shows what the lecturer's shows
 *          → room_question                a question: room_prediction on the map, room_answers what a class answered
 *          → room_lecture                 the plan of a lecture, stop by stop: room_plan_dialog
 *          → room_bar, room_dialog        what is pressed, and the code
 *
 * The server says what is shown and what was answered; nothing of it is computed here.
 */

import { keepStill } from "./connection.js";
import { RoomBar } from "./room_bar.js";
import { RoomDialog } from "./room_dialog.js";
import { Following } from "./room_follow.js";
import { Lecture } from "./room_lecture.js";
import { forgetRoom, keepForBrowser, keptOf, randomNumber, roomOfTab, setRoomOfTab } from "./room_memory.js";
import { RoomVotes } from "./room_question.js";
import { RoomSocket } from "./room_socket.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./room_wire.js").RoomState} RoomState */

const OFTEN = 50; // ms between what a lecturer's stage says of itself
const WITHOUT_ANSWER = 6000; // ms until it is said that this server has no rooms

export class Room {
  constructor() {
    /** @type {Stage | null} */
    this.stage = null;
    /** @type {RoomSocket | null} */
    this.socket = null;
    /** @type {Record<string, string>} */
    this.words = {};
    this.language = ""; // that the server knows of
    this.bar = new RoomBar(this);
    this.place = roomOfTab();
    this.following = new Following(this);
    this.votes = new RoomVotes(this);
    this.lecture = new Lecture(this);
    this.clear();
    // Where there is no stage: between two pages.
    document.addEventListener("keydown", (event) => {
      if (this.lecture.press(event)) event.preventDefault();
    });
    if (this.place) this.connect();
  }

  /** As before the first message. */
  clear() {
    this.following = new Following(this);
    this.votes = new RoomVotes(this);
    this.lecture = new Lecture(this);
    /** @type {RoomState | null} */
    this.state = null;
    this.count = { here: 0, answered: 0 };
    /** @type {import("./wire.js").Shared | null} */
    this.link = null;
    /** @type {RoomDialog | null} */
    this.dialog = null;
    this.isConnected = false;
    this.isApplying = false;
    this.sentShow = ""; // what this lecturer's stage said last of itself; "" until the room is known
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  get isLecturer() {
    return this.place?.isLecturer ?? false;
  }

  /** Does the stage show the lecture, or does its student look around? */
  get isWithTheLecture() {
    return this.isLecturer || this.following.isOn;
  }

  // ---- the connection ---------------------------------------------------------------------------------------------

  /** A new room, for what this stage shows; in a room, its code. */
  open() {
    const { stage } = this;
    if (!stage?.still) return;
    if (this.place) return this.openDialog();
    this.place = { code: "", isLecturer: true };
    this.connect();
    setTimeout(() => {
      if (this.place?.code === "") this.leave(stage.words.room_failed);
    }, WITHOUT_ANSWER);
  }

  connect() {
    this.socket = new RoomSocket(() => this.hello(), (message) => this.receive(message), (isConnected) => {
      this.isConnected = isConnected;
      this.draw();
    });
    document.body.classList.add("roi-in-room");
    this.draw();
  }

  /** @returns {Record<string, unknown>} */
  hello() {
    const { place, stage } = this;
    this.language = stage?.words.language ?? "";
    const where = { lang: this.language, place: location.origin + location.pathname };
    if (!place?.code) return { ...where, client: randomNumber(), open: this.show };
    const { client, secret } = keptOf(place.code);
    return place.isLecturer ? { ...where, client, lead: place.code, secret } : { ...where, client, join: place.code };
  }

  /** @param {Record<string, any>} message  one thing */
  receive(message) {
    const { words, room, count, answers, mine, still, show, update, link, refused, opened, csv, plan, problem, file, ended } = message;
    if (words) this.words = words;
    if (opened) this.setPlace(opened);
    if (count) this.count = count;
    if (answers !== undefined) this.votes.answers = answers;
    if (mine) this.votes.receive(mine);
    if (still) keepStill(still.id, still.still);
    if (link) this.receiveLink(link);
    if (csv !== undefined) saveFile(`${this.words.csv}-${this.place?.code}.csv`, csv, "text/csv");
    if (plan) this.lecture.receivePlan(plan);
    if (problem !== undefined) this.lecture.receiveProblem(problem);
    if (file) this.lecture.receiveFile(file, saveFile);
    if (refused) return this.refuse(refused);
    if (ended) return this.leave(this.words.ended);
    if (room) this.receiveState(room);
    if (show) this.following.shown = { show, update };
    if (show) this.following.follow();
    this.draw();
  }

  /** @param {{ code: string, secret: string }} opened */
  setPlace({ code, secret }) {
    keepForBrowser(code, { secret });
    this.place = { code, isLecturer: true };
    setRoomOfTab(this.place);
    this.sentShow = JSON.stringify(this.show);
  }

  /** @param {import("./wire.js").Shared} link */
  receiveLink(link) {
    const isNew = this.link === null && this.state === null && this.sentShow !== "";
    this.link = link;
    if (isNew) this.openDialog(); // the room was opened here
  }

  /** @param {RoomState} state */
  receiveState(state) {
    const before = this.state;
    this.state = state;
    this.lecture.receiveState(); // before a question hides what would tell on the stop that asks it
    this.votes.receiveState();
    if (before && state.gathered > before.gathered) this.following.set(true);
    if (!this.isLecturer) return;
    this.sentShow ||= JSON.stringify(this.show); // a tab that comes back shows nothing until something is done in it
    if (before?.paused && !state.paused) this.showSoon();
  }

  /** @param {string} reason */
  refuse(reason) {
    const sentence = this.words[`refused.${reason}`] ?? "";
    if (reason === "later" && this.place?.code) return this.bar.say(sentence); // the road is opened again
    this.leave(sentence.replace("{code}", this.place?.code ?? ""));
  }

  /** Out of the room; the bar says why, until it is closed. @param {string} [sentence] */
  leave(sentence = "") {
    this.socket?.end();
    this.socket = null;
    this.votes.end();
    this.lecture.end();
    clearTimeout(this.timer);
    this.dialog?.close();
    if (this.isLecturer) forgetRoom();
    else setRoomOfTab(null);
    this.place = null;
    this.clear();
    this.bar.say(sentence);
    document.body.classList.toggle("roi-in-room", sentence !== "");
    this.draw();
  }

  // ---- the stage --------------------------------------------------------------------------------------------------

  /** The stage of a page that was opened. @param {Stage} stage */
  attach(stage) {
    this.stage = stage;
    stage.room = this;
  }

  /** Do on the stage what the room asks for: nobody did it here. @param {() => void} act */
  apply(act) {
    this.isApplying = true;
    act();
    this.isApplying = false;
  }

  /** Something was done on this stage. @param {import("./events.js").StageEvent} event */
  note(event) {
    if (!this.socket || this.isApplying) return;
    if (this.isLecturer) this.showSoon();
    else this.following.note(event);
  }

  /** The stage drew an answer. @param {Stage} stage */
  drawn(stage) {
    if (stage !== this.stage) return;
    const { language } = stage.words;
    if (this.socket?.isOpen && language !== this.language) {
      this.language = language;
      this.socket.send({ lang: language });
    }
    if (this.isApplying) return;
    this.lecture.arrive();
    if (this.isLecturer) this.showSoon();
    else this.following.follow(); // Streamlit brought something else
    this.draw();
  }

  /** What this stage shows. */
  get show() {
    const { stage } = this;
    if (!stage?.still) return null;
    const { box, point, kind, step, focus, address } = stage;
    return { page: stage.still.page, address, ...(kind === "point" ? { point } : { box }), focus, step };
  }

  /** The same, as it is sent now. */
  showNow() {
    const { show } = this;
    this.sentShow = JSON.stringify(show);
    return show;
  }

  showSoon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sendShow();
    }, OFTEN);
  }

  sendShow() {
    const { stage, state, socket, sentShow } = this;
    if (!stage?.address || !state || state.paused || !sentShow || document.hidden || !socket?.isOpen) return;
    if (this.lecture.isOnItsWay) return this.showSoon();
    if (JSON.stringify(this.show) !== sentShow) socket.send({ show: this.showNow() });
  }

  // ---- what is seen -----------------------------------------------------------------------------------------------

  /** What only a lecturer may say. @param {Record<string, unknown>} message */
  lead(message) {
    if (message.gather) this.sendShow();
    this.socket?.send(message);
  }

  openDialog() {
    if (!this.stage || !this.link) return;
    this.dialog?.close();
    this.dialog = new RoomDialog(this.stage.root, this);
  }

  draw() {
    this.votes.draw();
    this.bar.draw();
    this.lecture.draw();
  }
}

/** @param {string} name @param {string} content @param {string} type */
function saveFile(name, content, type) {
  const href = URL.createObjectURL(new Blob([content], { type }));
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
