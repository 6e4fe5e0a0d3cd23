/** The open question of a room, on this stage: asked by the lecturer, answered by a student, then shown as the stage shows it. */

import { drawnQuestion } from "./quiz.js";
import { RoomAnswers } from "./room_answers.js";
import { RoomPrediction } from "./room_prediction.js";

/** @typedef {import("./room.js").Room} Room */
/** @typedef {import("./room_wire.js").RoomQuestion} RoomQuestion */
/** @typedef {import("./room_wire.js").RoomVote} RoomVote */

/** @typedef {{ title: string, place: number, about: string }} Askable  at a step; `about`: what besides what the step asks */

const AGAIN = 3000; // ms until a vote that nobody said was counted is sent again; until a question that does not come is given up

/** The question of the quiz that a room was asked. @param {import("./room_wire.js").RoomAsked} show */
function questionOf({ address, done }) {
  const query = new URLSearchParams(address);
  return { seed: Number(query.get("seed")), question: done.step ?? query.get("step") ?? "" };
}

export class RoomVotes {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.card = new RoomAnswers();
    /** @type {import("./room_wire.js").RoomAnswers | null} what the class answered, for the lecturer */
    this.answers = null;
    /** @type {RoomVote | null} the vote of this browser that was counted last */
    this.counted = null;
    /** @type {RoomVote | null} the vote that is on its way */
    this.sending = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.isAsking = false;
    this.told = 0; // the question whose answer this stage shows
  }

  /** @returns {RoomQuestion | null} */
  get question() {
    return this.room.state?.question ?? null;
  }

  /** Does the stage stand at the open question? */
  get isHere() {
    const { question, room: { stage } } = this;
    if (!question || stage?.still?.page !== question.show.page || this.room.following.isElsewhere) return false;
    return question.show.done.step === undefined || stage.step === question.show.done.step;
  }

  /** The vote of this browser, on its way or counted; while a round is open, of that round. */
  get own() {
    const { question, counted, sending } = this;
    if (!question) return null;
    const { number, round, phase } = question;
    if (sending?.question === number && sending.round === round) return sending;
    return counted?.question === number && (counted.round === round || phase !== "ask") ? counted : null;
  }

  // ---- the lecturer asks ------------------------------------------------------------------------------------------

  /** What this stage can ask: the open question of the quiz; the next step that is predicted, and what can be asked besides.
   * @returns {Askable[]} */
  get askables() {
    const { stage } = this.room, { steps = [], quiz, page } = stage?.still ?? {};
    if (!stage || stage.kind === "plain") return [];
    const here = stage.stepPlace;
    if (page === "quiz") {
      const isOpen = quiz && quiz.choices.length > 0 && quiz.chosen === undefined && quiz.check === undefined;
      return isOpen ? [{ title: steps[here]?.title ?? "", place: here, about: "" }] : [];
    }
    const place = steps.findIndex((step, k) => k >= here && step.predict !== undefined);
    const besides = Object.entries(stage.still?.questions ?? {}).map(([about, { title, step }]) =>
      ({ title, about, place: step ? steps.findIndex(({ key }) => key === step) : here }));
    return [...(place < 0 ? [] : [{ title: steps[place].title, place, about: "" }]), ...besides.filter((other) => other.place >= here)];
  }

  /** @param {Askable} askable */
  ask({ place, about }) {
    const { room, room: { stage } } = this;
    if (!stage || this.isAsking) return; // pressed twice
    this.isAsking = true;
    if (stage.kind !== "quiz") RoomPrediction.hide(stage, null, about); // before the step is drawn, so that it tells nothing
    if (place >= 0) stage.goToStep(place);
    room.lead({ ask: room.showNow(), about });
    setTimeout(() => this.receiveState(), AGAIN); // of this bin it cannot be asked
  }

  receiveState() {
    this.isAsking = false;
    this.draw();
  }

  // ---- a student answers ------------------------------------------------------------------------------------------

  /** A choice of the quiz was pressed. @param {number} answer @returns {boolean} was it meant for the room? */
  choose(answer) {
    const { question, isHere, room } = this;
    if (!question?.is_choice || !isHere || question.phase === "revealed" || !room.isWithTheLecture) return false;
    const asked = questionOf(question.show), drawn = room.stage && drawnQuestion(room.stage);
    const isDrawn = drawn?.seed === asked.seed && drawn.question === asked.question;
    if (!room.isLecturer && question.phase === "ask" && isDrawn) this.vote({ answer });
    return true;
  }

  /** Send an answer until it is counted. @param {{ guess: [y: number, x: number][] } | { answer: number }} vote */
  vote(vote) {
    const { question } = this;
    if (!question) return;
    this.sending = { question: question.number, round: question.round, ...vote };
    this.send();
    this.room.draw();
  }

  send() {
    const { sending, question, room } = this;
    clearTimeout(this.timer);
    if (!sending || sending.question !== question?.number || sending.round !== question.round || question.phase !== "ask") {
      this.sending = null;
      return room.draw();
    }
    const { question: number, round, ...vote } = sending;
    room.socket?.send({ question: number, round, vote });
    this.timer = setTimeout(() => this.send(), AGAIN);
  }

  /** It was counted. @param {RoomVote} vote */
  receive(vote) {
    const { sending } = this;
    this.counted = vote;
    if (sending?.question !== vote.question || sending.round !== vote.round) return;
    clearTimeout(this.timer);
    this.sending = null;
  }

  // ---- what is seen -----------------------------------------------------------------------------------------------

  /** Hide or show on the stage what the open question is about. */
  draw() {
    const { question, isHere, own, answers, room, room: { stage, isLecturer } } = this;
    if (!stage?.view || this.isAsking) return;
    if (question && isHere && !question.is_choice && question.phase !== "revealed" && room.isWithTheLecture) {
      const isVoting = !isLecturer && question.phase === "ask";
      RoomPrediction.hide(stage, isVoting ? (guess) => this.vote({ guess }) : null, question.about, `${question.number} ${question.round}`);
      if (own?.guess) RoomPrediction.place(stage, own.guess);
    } else RoomPrediction.show(stage);
    if (question?.phase === "revealed" && isHere && this.told !== question.number) this.tell(question);
    this.card.draw(stage, isLecturer && isHere ? answers : null, room.words);
    this.card.markChoice(stage, question?.is_choice && isHere && room.isWithTheLecture ? own?.answer : undefined);
  }

  /** Show the answer as the stage always does, to what was answered here. @param {RoomQuestion} question */
  tell({ number, is_choice: isChoice, about, show }) {
    const { answers, own, room, room: { stage, isLecturer } } = this;
    const choice = isLecturer ? answers?.bars.findIndex((bar) => bar.right) ?? -1 : own?.answer ?? -1;
    if (!stage || !room.isWithTheLecture || (isLecturer && isChoice && choice < 0)) return; // it is on its way
    this.told = number;
    room.apply(() => {
      if (isChoice && choice >= 0) stage.report({ answer: choice, asked: questionOf(show), commit: true });
      if (own?.guess && !isLecturer) RoomPrediction.check(stage, own.guess, about);
    });
  }

  end() {
    clearTimeout(this.timer);
    this.card.root.remove();
  }
}
