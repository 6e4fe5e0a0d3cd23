/** Charts that Python describes, drawn by Plotly's script, which comes when the first of them is seen. */

/** @typedef {{ data: object[], layout: Record<string, any> }} Chart */
/** @typedef {{ react: (host: HTMLElement, data: object[], layout: object, config: object) => Promise<unknown>, purge: (host: HTMLElement) => void }} Plotly */

const AXIS_ROOM = 64; // pixels: left of a chart, for the numbers and the name of its axis
const CONFIG = { responsive: true, displayModeBar: false, displaylogo: false };
/** @type {Promise<Plotly> | null} */
let script = null;

/** @param {URL} address  of the compressed script @returns {Promise<Plotly>} */
function plotly(address) {
  script ??= load(address).catch((error) => {
    script = null; // the next chart tries again
    throw error;
  });
  return script;
}

/** @param {URL} address @returns {Promise<Plotly>} */
async function load(address) {
  const response = await fetch(address);
  if (!response.ok || !response.body) throw new Error(`${response.status} ${address}`);
  const text = await new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).text();
  const element = document.createElement("script");
  element.textContent = text;
  document.head.append(element);
  return /** @type {any} */ (globalThis).Plotly;
}

/** Draw charts in their places, in the colours of the page. @param {HTMLElement} root @param {Chart[]} charts @param {URL} address */
export async function drawCharts(root, charts, address) {
  const { react } = await plotly(address);
  const style = getComputedStyle(document.body), text = style.getPropertyValue("color");
  const rule = getComputedStyle(root).getPropertyValue("border-top-color");
  for (const place of places(root)) {
    if (!place.isConnected) continue; // another page was opened meanwhile
    const { data, layout } = charts[Number(place.dataset.chart)];
    await react(place, data, dressed(layout, { text, rule, font: style.fontFamily }), CONFIG);
  }
}

/** What charts hold besides their places, before these go. @param {HTMLElement} root */
export function purgeCharts(root) {
  const { Plotly } = /** @type {{ Plotly?: Plotly }} */ (globalThis);
  if (Plotly) for (const place of places(root)) Plotly.purge(place);
}

/** @param {HTMLElement} root @returns {NodeListOf<HTMLElement>} */
const places = (root) => root.querySelectorAll("[data-chart]");

/** @param {Record<string, any>} layout @param {{ text: string, rule: string, font: string }} look */
function dressed(layout, { text, rule, font }) {
  const axis = { gridcolor: rule, zerolinecolor: rule, linecolor: rule, color: text, automargin: true };
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const scene = layout.scene && { ...layout.scene };
  for (const name of ["xaxis", "yaxis", "zaxis"]) {
    if (scene) scene[name] = { ...scene[name], gridcolor: rule, color: text, backgroundcolor: "rgba(0,0,0,0)" };
  }
  return {
    xaxis: axis, yaxis: axis, ...layout, ...(scene && { scene }),
    ...Object.fromEntries(axes.map((name) => [name, { ...axis, ...layout[name], title: { ...layout[name].title, standoff: 8 } }])),
    ...(!scene && { margin: { ...layout.margin, l: AXIS_ROOM } }),
    autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...layout.font, color: text, family: font },
  };
}
