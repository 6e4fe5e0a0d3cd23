import assert from "node:assert/strict";
import { test } from "node:test";
import { forgetRoom, keepForBrowser, keptOf, randomNumber } from "../../assets/stage/room_memory.js";

test("a browser that keeps nothing is one and the same student as long as its tab is open", () => {
  const { client } = keptOf("ACDEFG");
  assert.match(client, /^[0-9a-f]{32}$/);
  assert.equal(keptOf("ACDEFG").client, client);
  assert.notEqual(keptOf("HJKMNP").client, client, "another room knows nothing of it");
});

test("what makes it the lecturer is kept until the room ends", () => {
  const { client } = keptOf("QRTUVW");
  keepForBrowser("QRTUVW", { secret: "s" });
  assert.deepEqual(keptOf("QRTUVW"), { code: "QRTUVW", client, secret: "s" });
  forgetRoom();
  assert.equal(keptOf("QRTUVW").secret, undefined);
});

test("a lecturer's tab stays the lecturer's while another tab of the browser is in another room", () => {
  const stored = new Map();
  globalThis.localStorage = /** @type {any} */ ({
    getItem: (/** @type {string} */ name) => stored.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => stored.set(name, text),
    removeItem: (/** @type {string} */ name) => stored.delete(name),
  });
  try {
    const mine = keepForBrowser("ACDEFG", { secret: "s" }), name = [...stored.keys()][0];
    const other = JSON.stringify({ code: "HJKMNP", client: "0".repeat(32) });
    stored.set(name, other); // by the other tab
    assert.deepEqual(keptOf("ACDEFG"), mine);
    forgetRoom();
    assert.equal(stored.get(name), other);
  } finally {
    Reflect.deleteProperty(globalThis, "localStorage");
  }
});

test("random numbers differ", () => {
  assert.equal(new Set(Array.from({ length: 100 }, randomNumber)).size, 100);
});
