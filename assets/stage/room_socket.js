/** The WebSocket to a room (`roialign_lab/classroom/socket.py`): opened again when it breaks, or when a phone wakes. */

import { serverAddress } from "./socket.js";

const FIRST_WAIT = 400; // ms until it is opened again, and twice as long each time that it does not open
const LONGEST_WAIT = 8000;
const ANSWERED_WITHIN = 3000; // ms: a phone that slept asks whether somebody is there

export class RoomSocket {
  /** @param {() => Record<string, unknown>} hello  the first message @param {(message: any) => void} onmessage
   * @param {(isOpen: boolean) => void} onchange */
  constructor(hello, onmessage, onchange) {
    this.hello = hello;
    this.onmessage = onmessage;
    this.onchange = onchange;
    this.wait = FIRST_WAIT;
    this.isEnded = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.onwake = () => this.wake();
    document.addEventListener("visibilitychange", this.onwake);
    this.socket = this.open();
  }

  open() {
    const address = new URL("roi-room", serverAddress());
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.search = address.hash = "";
    const socket = new WebSocket(address);
    socket.onopen = () => {
      socket.send(JSON.stringify(this.hello()));
      this.onchange(true);
    };
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if ("room" in message) this.wait = FIRST_WAIT; // in it: who is refused gets words and a reason
      clearTimeout(this.timer);
      this.onmessage(message);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.openLater();
    };
    return socket;
  }

  openLater() {
    if (this.isEnded) return;
    this.onchange(false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.socket = this.open()), this.wait * (0.5 + Math.random())); // not all at once
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  /** The tab is seen again: is the connection what it says it is? */
  wake() {
    if (document.hidden || this.isEnded) return;
    if (!this.isOpen) return this.renew();
    this.send({ here: true });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.renew(), ANSWERED_WITHIN);
  }

  /** Another one in the place of this one. */
  renew() {
    clearTimeout(this.timer);
    const { socket } = this;
    this.socket = this.open();
    socket.close();
  }

  get isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** @param {Record<string, unknown>} message */
  send(message) {
    if (this.isOpen) this.socket.send(JSON.stringify(message));
  }

  end() {
    this.isEnded = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onwake);
    this.socket.close();
  }
}
