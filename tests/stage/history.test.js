/** One entry of the browser's history a page: `node --test tests/stage`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { PageHistory } from "../../assets/stage/history.js";

/** A window with a history that can be read. @param {string} start */
function tabAt(start) {
  const entries = [new URL(start)];
  const open = () => entries[entries.length - 1];
  const location = { get pathname() { return open().pathname; }, get href() { return open().href; } };
  const history = {
    /** @type {History["pushState"]} */
    pushState(_state, _unused, url) { entries.push(new URL(url ?? "", open())); },
    /** @type {History["replaceState"]} */
    replaceState(_state, _unused, url) { entries.push(new URL(url ?? "", entries.pop())); },
  };
  return { location, history, shown: () => entries.map(({ pathname, search }) => pathname + search) };
}

test("steps and drags replace the entry of their page", () => {
  const tab = tabAt("http://lab/RoI_Align?step=map");
  new PageHistory(tab);
  tab.history.pushState({}, "", "/RoI_Align?step=project");
  tab.history.pushState({}, "", "/RoI_Align?step=bins");
  assert.deepEqual(tab.shown(), ["/RoI_Align?step=bins"]);
});

test("another page makes an entry, and the one that is left keeps its address", () => {
  const tab = tabAt("http://lab/RoI_Pooling?step=map");
  const history = new PageHistory(tab);
  history.note("step=max");
  tab.history.pushState({}, "", "/RoI_Pooling?step=neighbors"); // how Streamlit begins to change the page
  tab.history.pushState({}, "", "/RoI_Align?step=neighbors");
  assert.deepEqual(tab.shown(), ["/RoI_Pooling?step=max", "/RoI_Align?step=neighbors"]);
});

test("a page that has not spoken yet is left as it is", () => {
  const tab = tabAt("http://lab/RoI_Pooling?step=max");
  const history = new PageHistory(tab);
  history.note("step=max");
  tab.history.pushState({}, "", "/RoI_Align?step=map");
  tab.history.pushState({}, "", "/Quiz");
  assert.deepEqual(tab.shown(), ["/RoI_Pooling?step=max", "/RoI_Align?step=map", "/Quiz"]);
});
