/**
 * The way to the Python in a worker. Until it is there, the newest of what a person did waits; a worker that dies
 * starts again where the page stands.
 */

/** @typedef {import("../stage/connection.js").KeptConnection} KeptConnection */
/** @typedef {import("../stage/wire.js").SentEvent} SentEvent */
/** @typedef {import("../stage/wire.js").Update} Update */
/** @typedef {{ page: string, query: string, language: string }} Place  where a visit stands */
/** @typedef {{ page: string, language: string, title: string, update: Update, notes: boolean, problems?: string[], kept?: boolean }} Answer */
/** @typedef {{ answer?: string, progress?: number, failed?: "missing" | "python", detail?: string }} Message */
/** @typedef {Pick<Worker, "postMessage" | "terminate"> & { onmessage: any, onerror: any }} Thread */

const SILENT = 2; // lost answers in a row, and nothing else came: the worker is gone

/** @implements {KeptConnection} */
export class WorkerConnection {
  /**
   * @param {() => Thread} makeWorker
   * @param {object} page
   * @param {() => Place} page.place
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
    this.isOpen = false;
    this.hasFailed = false;
    this.lost = 0;
    this.worker = this.start();
  }

  start() {
    const worker = this.makeWorker();
    this.isOpen = this.hasFailed = false;
    this.lost = 0;
    worker.onmessage = (/** @type {{ data: Message }} */ { data }) => this.receive(data);
    worker.onerror = (/** @type {{ message?: string }} */ { message }) => this.receive({ failed: "missing", detail: message });
    worker.postMessage({ open: this.page.place() });
    return worker;
  }

  /** Open a page at its address, as a link does. */
  open() {
    this.waiting = null;
    this.worker.postMessage({ open: this.page.place() });
  }

  /** @param {SentEvent} event */
  ask(event) {
    if (this.isOpen) this.worker.postMessage({ event: JSON.stringify(event) });
    else this.waiting = event;
  }

  /** An answer was lost. */
  restart() {
    if (!this.isOpen || ++this.lost < SILENT) return;
    this.worker.terminate();
    this.worker = this.start();
  }

  /** @param {Message} message */
  receive({ answer, progress, failed, detail }) {
    if (progress !== undefined && !this.hasFailed) this.page.onprogress(progress);
    if (failed) {
      this.hasFailed = true;
      this.page.onfailure(failed, detail ?? "");
    }
    if (answer === undefined) return;
    this.lost = 0;
    /** @type {Answer} */
    const parsed = JSON.parse(answer);
    if (!this.isOpen) {
      this.isOpen = true;
      this.page.onprogress(1);
    }
    this.page.onanswer(parsed);
    this.onanswer?.(parsed.update);
    if (this.waiting) this.ask(this.waiting);
    this.waiting = null;
  }
}
