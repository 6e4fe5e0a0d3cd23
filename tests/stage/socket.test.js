import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { SocketConnection } from "../../assets/stage/socket.js";

/** @type {FakeSocket[]} */
const opened = [];

class FakeSocket {
  static OPEN = 1;
  readyState = 0;
  /** @type {(() => void) | null} */
  onopen = null;
  /** @type {(() => void) | null} */
  onclose = null;

  constructor() {
    opened.push(this);
  }
}

beforeEach(() => {
  opened.length = 0;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { WebSocket: FakeSocket });
});

test("a connection that never opens is tried after 10, 20, 40 s; one that broke after 10 s", () => {
  const connection = new SocketConnection(new URL("ws://lab.example/roi-drag"));
  for (const seconds of [10, 20, 40]) {
    const { length } = opened;
    opened.at(-1)?.onclose?.();
    mock.timers.tick(1000 * seconds - 1);
    assert.equal(opened.length, length);
    mock.timers.tick(1);
    assert.equal(opened.length, length + 1);
  }
  opened.at(-1)?.onopen?.();
  opened.at(-1)?.onclose?.();
  mock.timers.tick(10_000);
  assert.equal(opened.length, 5);
  assert.equal(connection.isOpen, false);
});
