/**
 * Brings the script and the style to the page. `roialign_lab/ui/stage_component.py` gives this text to Streamlit, with `FILES` and `SENTENCE`
 * before it, as a component of its own that stands outside the fragment of the stage.
 *
 * The files come from the server (`roialign_lab/ui/stage_files.py`). Where it has no such route (a page that was started by itself,
 * a proxy that does not know the address), Streamlit is asked for their text, and they are imported from memory.
 */

/* global FILES, SENTENCE */

/** @typedef {import("./streamlit.js").Trigger} Trigger */

const PATIENCE = 10_000; // ms until it is said that the stage does not come

async function fromServer() {
  const base = globalThis.__streamlit?.BACKEND_BASE_URL;
  const folder = new URL(`${FILES.folder}/`, base ? `${base.replace(/\/+$/, "")}/` : location.href);
  for (const name of FILES.modules) addLink("modulepreload", new URL(name, folder).href); // all at once, not one by one
  const style = addLink("stylesheet", new URL(FILES.style, folder).href);
  await new Promise((resolve, reject) => Object.assign(style, { onload: resolve, onerror: reject }));
  await import(new URL(FILES.entry, folder).href);
}

/** Each module is imported from its text; the order is such that what one imports comes before it.
 * @param {[name: string, text: string][]} sources */
async function fromMemory(sources) {
  /** @type {Record<string, string>} */
  const addresses = {};
  for (const [name, text] of sources) {
    if (name === FILES.style) {
      document.head.append(Object.assign(document.createElement("style"), { textContent: text }));
      continue;
    }
    const linked = text.replace(/from "\.\/([\w.]+)"/g, (_, other) => `from "${addresses[other]}"`);
    addresses[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
  }
  await import(addresses[FILES.entry]);
}

/** @param {string} rel @param {string} href */
const addLink = (rel, href) => {
  const link = Object.assign(document.createElement("link"), { rel, href });
  document.head.append(link);
  return link;
};

/** Say in the place of every stage that it does not come. */
function giveUp() {
  document.documentElement.removeAttribute("data-roi-waiting");
  if (globalThis.roiStage) return;
  const roiStage = (/** @type {{ parentElement: HTMLElement }} */ { parentElement }) => {
    const paragraph = Object.assign(document.createElement("p"), { textContent: SENTENCE, role: "alert" });
    paragraph.style.whiteSpace = "pre-line";
    parentElement.replaceChildren(paragraph);
  };
  Object.assign(globalThis, { roiStage });
  globalThis.roiWaiting?.splice(0).forEach(roiStage);
}

/** @param {{ data?: [name: string, text: string][] | null, setTriggerValue: Trigger }} component */
export default function load({ data, setTriggerValue }) {
  const isFirst = globalThis.roiRunPage === undefined;
  Object.assign(globalThis, { roiRunPage: setTriggerValue });
  if (data && !globalThis.roiStage) fromMemory(data).catch(giveUp);
  if (!isFirst) return;
  fromServer().catch(() => {
    setTriggerValue("inline", true);
    setTimeout(giveUp, PATIENCE);
  });
}
