/**
 * A widget is one module: it holds the text of those of the stage, each after those that it imports, and imports them
 * from memory, once for all widgets of a notebook. `roialign_lab/notebook.py` writes `SOURCES` and `ENTRY` before this.
 */

/* global SOURCES, ENTRY */

function load() {
  /** @type {Record<string, string>} */
  const addresses = {};
  for (const [name, text] of SOURCES) {
    const linked = text.replace(/from "\.\/([\w.]+)"/g, (_, other) => `from "${addresses[other]}"`);
    addresses[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
  }
  return import(addresses[ENTRY]);
}

export default {
  /** @param {import("./notebook.js").Model} view */
  async render(view) {
    return (await (globalThis.roiNotebook ??= load())).render(view);
  },
};
