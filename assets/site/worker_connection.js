/**
 * The way to the Python in a worker. Until it is there, the newest of what a person did waits; a worker that dies
 * starts again where the page stands.
 */

/** @typedef {import("../stage/connection.js").KeptConnection} KeptConnection */
/** @typedef {import("../stage/events.js").SentEvent} SentEvent */
/** @typedef {import("../stage/wire.js").Update} Update */
/** @typedef {{ page: string, query: string, language: string }} Place  where a visit stands */

/**
 * What a visit answers; to a person who only looked, as in a drag, the page and the update alone.
 *
 * @typedef {{ page: string, update: Update } | WholeAnswer} Answer
 *
 * @typedef {object} WholeAnswer
 * @property {string} page
 * @property {string} language
 * @property {string} title
 * @property {Update} update
 * @property {string[]} shows  the parts under the stage that are not left out
 * @property {string[]} [problems]  of the address
 * @property {boolean} [kept]  what is seen belongs in the address
 * @property {{ name: string, svg: string }} [figure]  that was ordered
 */

/** @typedef {{ answer?: string, opened?: number, id?: number, result?: string, unanswered?: true, progress?: number, failed?: "missing" | "python", detail?: string }} Message */
/** @typedef {Pick<Worker, "postMessage" | "terminate"> & { onmessage: any, onerror: any }} Thread */

const SILENT = 2; // lost answers in a row, and nothing else came: the worker is gone

/** @implements {KeptConnection} */
export class WorkerConnection {
  /**
   * @param {() => Thread} makeWorker
   * @param {object} page
   * @param {() => Place} page.place
   * @param {() => "light" | "dark"} page.theme
   * @param {(answer: Answer) => void} page.onanswer  before the stage hears of it: another page may have another stage
   * @param {(share: number) => void} page.onprogress  of what must come before Python starts; 1 once it answers
   * @param {(reason: "missing" | "python", detail: string) => void} page.onfailure
   */
  constructor(makeWorker, page) {
    this.makeWorker = makeWorker;
    this.page = page;
    /** @type {KeptConnection["onanswer"]} */
    this.onanswer = null;
    /** @type {SentEvent | null} */
    this.waiting = null;
    /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
    this.calls = new Map();
    this.lastCall = 0;
    /** How many pages were opened by an address: what was asked before the last of them is of another page. */
    this.opened = 0;
    this.isOpen = false;
    this.hasFailed = false;
    this.lost = 0;
    this.worker = this.start();
  }

  start() {
    const worker = this.makeWorker();
    this.isOpen = this.hasFailed = false;
    this.lost = 0;
    for (const { reject } of this.calls.values()) reject(new Error("Python starts anew"));
    this.calls.clear();
    worker.onmessage = (/** @type {{ data: Message }} */ { data }) => this.receive(data);
    worker.onerror = (/** @type {{ message?: string }} */ { message }) => this.receive({ failed: "missing", detail: message });
    this.open(worker);
    return worker;
  }

  /** Open a page at its address, as a link does. @param {Thread} [worker] */
  open(worker = this.worker) {
    this.waiting = null;
    const { page, query, language } = this.page.place();
    worker.postMessage({ call: "open", args: [page, query, language], opened: ++this.opened });
  }

  /** @param {SentEvent} event */
  ask(event) {
    if (!this.isOpen) this.waiting = event;
    else {
      const whole = event.figure ? { ...event, theme: this.page.theme() } : event;
      this.worker.postMessage({ call: "take", args: [JSON.stringify(whole)], opened: this.opened });
    }
  }

  /** Ask for something else than the stage draws. @param {string} name  a method of the visit that answers with JSON
   * @param {...any} args @returns {Promise<any>} */
  call(name, ...args) {
    const id = ++this.lastCall;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.worker.postMessage({ call: name, args, id });
    });
  }

  /** An answer was lost. */
  restart() {
    if (!this.isOpen || ++this.lost < SILENT) return;
    this.worker.terminate();
    this.worker = this.start();
  }

  /** @param {Message} message */
  receive({ answer, opened, id, result, progress, failed, detail }) {
    if (progress !== undefined && !this.hasFailed) this.page.onprogress(progress);
    if (failed) {
      this.hasFailed = true;
      this.page.onfailure(failed, detail ?? "");
    }
    if (id !== undefined) {
      const waiting = this.calls.get(id);
      this.calls.delete(id);
      this.lost = 0;
      if (result === undefined) waiting?.reject(new Error("Python gave no answer"));
      else waiting?.resolve(JSON.parse(result));
    }
    if (answer !== undefined && opened === this.opened) this.take(JSON.parse(answer));
  }

  /** @param {Answer} answer */
  take(answer) {
    this.lost = 0;
    if (!this.isOpen) {
      this.isOpen = true;
      this.page.onprogress(1);
    }
    this.page.onanswer(answer);
    this.onanswer?.(answer.update);
    if (this.waiting) this.ask(this.waiting);
    this.waiting = null;
  }
}
