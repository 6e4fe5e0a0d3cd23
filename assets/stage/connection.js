/**
 * What is asked of Python, and what happens when no answer comes. The one place that knows of lost, refused and late
 * answers; the ways to Python (`socket.js`, `streamlit.js`, a fake in the tests) only carry.
 *
 * One request is in flight. What a person does meanwhile is merged, so the latest position wins. What only looks goes by
 * the quick connection; what is kept, and everything where there is no quick one, goes by the other.
 */

import { mergeEvents, onlyLooks } from "./events.js";

/** @typedef {import("./wire.js").Answer} Answer */
/** @typedef {import("./events.js").SentEvent} SentEvent */
/** @typedef {import("./events.js").StageEvent} StageEvent */
/** @typedef {import("./wire.js").Still} Still */
/** @typedef {import("./wire.js").Update} Update */

/**
 * A way to Python.
 *
 * @typedef {object} Connection
 * @property {boolean} isOpen
 * @property {(event: SentEvent) => void} ask
 * @property {((answer: Answer) => void) | null} onanswer
 */

/** @typedef {Connection & { restart: (sequence: number) => void }} KeptConnection  to where the session is; an answer was lost */

/**
 * What the requests need of the stage.
 *
 * @typedef {object} Asker
 * @property {() => StageEvent} place  the box or the point as it is on the screen: it goes with every event
 * @property {() => { page: string, focus: import("./wire.js").Focus }} view  what else the quick connection has to know
 * @property {() => boolean} isHeld  is something being dragged?
 * @property {(update: Update, still: Still, isBusy: boolean) => void} take  draw an answer; while the screen is ahead
 *   of Python (`isBusy`) without the box, the point and the bin in it
 * @property {(sequence: number) => void} restart  ask for a run of the whole page
 * @property {() => boolean} isGone  has the page been left?
 * @property {(href: string) => Promise<boolean>} isReachable
 * @property {(href: string) => void} open  another page, as any link does
 */

const LOST_AFTER = 1500; // ms without an answer, and twice as long each time that it is asked again
const LEFT_AFTER = 6000; // ms until a link to another page is followed without Python
const TRIES = 12; // of one event: a server that starts anew takes its time
const REFUSALS = 3; // of the quick connection, until the map or the words change

const MOST_STILLS = 24; // of a map of 512×512 one is 2 MB; what is not kept is asked for again

/** @type {Map<string, Still>} what was sent before, by its id: a page that comes back need not ask again */
const stills = new Map();

/** Keep what was sent; the one that was kept first gives way. @param {string} id @param {Still} still */
export function keepStill(id, still) {
  stills.delete(id);
  stills.set(id, still);
  for (const first of stills.keys()) if (stills.size > MOST_STILLS) stills.delete(first);
}

export class Requests {
  /** @param {Asker} asker @param {Connection} kept @param {Connection} quick */
  constructor(asker, kept, quick) {
    this.asker = asker;
    this.kept = kept;
    this.quick = quick;
    this.sequence = 0;
    /** @type {number | null} the number of the event that waits for its answer */
    this.inFlight = null;
    /** @type {StageEvent | null} */
    this.waiting = null;
    /** @type {Update | null} the answer on the screen */
    this.latest = null;
    this.address = "";
    this.href = "";
    this.refusals = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.watchdog = undefined;
    kept.onanswer = (answer) => this.receiveKept(/** @type {Update} */ (answer));
  }

  /** No answer is awaited any more. */
  end() {
    clearTimeout(this.watchdog);
  }

  /** Is what is on the screen still on its way to Python? */
  get isUnderWay() {
    return this.inFlight !== null || this.waiting !== null || this.asker.isHeld();
  }

  /** Report what a person did. @param {StageEvent} event */
  report(event) {
    this.waiting = mergeEvents(this.waiting, event);
    this.sendWaiting();
  }

  /** To another page, by Python, which takes along what is looked at. @param {string} page @param {string} href
   * @param {StageEvent} [more] */
  leave(page, href, more) {
    this.href = href;
    this.report({ go_to: page, ...more });
  }

  sendWaiting() {
    if (this.inFlight !== null || !this.waiting) return;
    const event = this.waiting;
    this.waiting = null;
    this.inFlight = ++this.sequence;
    // The place goes with everything: what was dragged over the quick connection is kept when the next event is.
    const place = this.latest ? this.asker.place() : {};
    const sent = { ...place, ...event, seq: this.inFlight, have: this.latest?.still_id ?? null };
    const on = this.mapOf(this.latest);
    const isQuick = this.quick.isOpen && this.address !== "" && this.refusals < REFUSALS && onlyLooks(event);
    clearTimeout(this.watchdog);
    if (event.go_to) this.watchdog = setTimeout(() => this.follow(), LEFT_AFTER);
    else this.watchdog = setTimeout(() => this.askAgain(event, isQuick), LOST_AFTER * 2 ** Math.min(event.again ?? 0, 2));
    if (isQuick) {
      this.quick.onanswer = (answer) => this.receiveQuick(answer); // of all stages, the one that asked last
      this.quick.ask({ ...this.asker.view(), address: this.address, ...sent });
    } else {
      this.kept.ask(on === undefined ? sent : { ...sent, on });
    }
  }

  /** The map in whose cells the places of an answer are. @param {Update | null} update */
  mapOf(update) {
    return stills.get(update?.still_id ?? "")?.map;
  }

  /** No answer came. @param {StageEvent} event @param {boolean} wasQuick */
  askAgain(event, wasQuick) {
    this.inFlight = null;
    if (wasQuick) this.refusals++;
    else this.asker.restart(this.sequence); // it may be another process by now, which does not know this stage
    const again = (event.again ?? 0) + 1;
    const lost = { ...event };
    delete lost.box; // the place of now goes with the next request
    delete lost.point;
    if (again < TRIES) this.waiting = { ...mergeEvents(lost, this.waiting ?? {}), again };
    this.sendWaiting();
  }

  /**
   * Follow the link as any other, when a server is there. Nothing is asked of this page again: Python may already be on
   * the next one, of which the browser has not heard, and would come back.
   */
  async follow() {
    const left = this.inFlight, { href } = this;
    const isReachable = await this.asker.isReachable(href);
    if (this.inFlight !== left || this.asker.isGone()) return;
    if (isReachable) this.asker.open(href);
    else this.watchdog = setTimeout(() => this.follow(), LOST_AFTER);
  }

  /** An answer of the quick connection, which may leave the event to the other one. @param {Answer} answer */
  receiveQuick(answer) {
    if (answer.ack !== this.inFlight) return;
    if (!("refused" in answer)) {
      this.refusals = 0;
      return this.take(answer);
    }
    this.refusals++;
    this.inFlight = null;
    this.report({ again: 1, focus: this.asker.view().focus, ...this.waiting });
  }

  /**
   * An answer of the other connection. Streamlit brings its last one again when the page draws itself anew: numbers of
   * another box than the one on the screen, when that one is still on its way.
   *
   * @param {Update} update
   */
  receiveKept(update) {
    this.address = update.address ?? this.address;
    if (update.still) keepStill(update.still_id, update.still);
    const { latest } = this;
    const isOlder = latest !== null && (update.ack ?? 0) < (latest.ack ?? 0) && update.still_id === latest.still_id;
    if (!isOlder || !this.isUnderWay) this.take(update);
  }

  /** Draw what a room shows, in the place of what was waiting. @param {Update} update */
  show(update) {
    const still = stills.get(update.still_id);
    if (!still) return;
    this.waiting = null;
    this.latest = update;
    this.address = update.address ?? this.address;
    this.asker.take(update, still, false);
  }

  /** @param {Update} update */
  take(update) {
    if (this.inFlight !== null && update.ack === this.inFlight) {
      this.inFlight = null;
      clearTimeout(this.watchdog);
    }
    this.sequence = Math.max(this.sequence, update.ack ?? 0);
    const still = stills.get(update.still_id);
    if (!still) return this.report({ lost: true });
    const isSameStill = update.still_id === this.latest?.still_id;
    const isOtherMap = this.latest !== null && still.map !== this.mapOf(this.latest);
    if (isOtherMap && this.waiting) {
      delete this.waiting.box; // in cells of the map before
      delete this.waiting.point;
    }
    const isBusy = this.isUnderWay && !isOtherMap;
    this.latest = update;
    if (isSameStill) this.sendWaiting(); // Python computes the next answer while this one is drawn
    else this.refusals = 0;
    this.asker.take(update, still, isBusy);
    this.sendWaiting();
  }
}
