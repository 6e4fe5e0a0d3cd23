/**
 * Before Streamlit's script: asks for the stage's files at once, and for fonts only when the stage is there: on a slow line
 * Streamlit's icons alone (376 KB) would come in its way. `roialign_lab/ui/deep_link.py` writes this text into the page,
 * with `FILES` before it.
 */

/* global FILES */

const LONGEST = 30_000; // ms that icons, italics and code wait for a stage
const whole = document.documentElement;

const base = globalThis.__streamlit?.BACKEND_BASE_URL ?? location.origin;
const folder = new URL(`${FILES.folder}/`, `${base.replace(/\/+$/, "")}/`);
const preload = (/** @type {object} */ kind, /** @type {string} */ name) =>
  document.head.append(Object.assign(document.createElement("link"), { ...kind, href: new URL(name, folder).href }));
preload({ rel: "preload", as: "style" }, FILES.style);
for (const name of FILES.modules) preload({ rel: "modulepreload" }, name);
document.head.append(Object.assign(document.createElement("style"), {
  textContent: '[data-roi-waiting] :is([data-testid="stIconMaterial"], .stMain :is(em, code, pre)) { display: none }',
}));
whole.toggleAttribute("data-roi-waiting", true);
setTimeout(() => whole.removeAttribute("data-roi-waiting"), LONGEST);
