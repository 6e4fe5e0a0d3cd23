/** The WebSocket beside Streamlit's (`roialign_lab/ui/drag_socket.py`): for what is only looked at, without a run of the page. */

/** @typedef {import("./connection.js").Connection} Connection */

const AGAIN_AFTER = 10_000; // ms until a connection that broke is tried again, twice as long each time that it does not open
const AT_LATEST = 600_000; // ms

/** @implements {Connection} */
export class SocketConnection {
  /** @param {URL} address */
  constructor(address) {
    /** @type {Connection["onanswer"]} */
    this.onanswer = null;
    this.address = address;
    this.wait = AGAIN_AFTER;
    this.socket = this.open();
  }

  open() {
    const socket = new WebSocket(this.address);
    socket.onmessage = ({ data }) => this.onanswer?.(JSON.parse(data));
    socket.onopen = () => (this.wait = AGAIN_AFTER);
    socket.onclose = () => {
      setTimeout(() => (this.socket = this.open()), this.wait);
      this.wait = Math.min(2 * this.wait, AT_LATEST);
    };
    return socket;
  }

  get isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /** @param {import("./events.js").SentEvent} event */
  ask(event) {
    this.socket.send(JSON.stringify(event));
  }
}

/** Its address: under that of the server, which the page says (`roialign_lab/ui/deep_link.py`), or else beside the page. */
export function socketAddress() {
  const address = new URL("roi-drag", serverAddress());
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.search = address.hash = "";
  return address;
}

export function serverAddress() {
  const base = globalThis.__streamlit?.BACKEND_BASE_URL;
  return base ? `${base.replace(/\/+$/, "")}/` : location.href;
}
