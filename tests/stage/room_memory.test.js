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

test("random numbers differ", () => {
  assert.equal(new Set(Array.from({ length: 100 }, randomNumber)).size, 100);
});
