/**
 * Python in the browser, with NumPy and the lesson: downloaded side by side, from this site alone; or as an earlier visit
 * left it in memory (`memory.js`).
 *
 * `PARTS` says how many bytes each file has; `roialign_lab/site/build.py` writes it before the text of `worker.js`.
 */

import { forgetMemory, keepMemory, keptMemory, withMemory } from "./memory.js";

/** @typedef {Record<string, number>} Parts  bytes of each file, by its name */
/** @typedef {{ python: Python, isNew: boolean }} Started  it is new where it was not in memory */

/**
 * What is used of Pyodide.
 *
 * @typedef {object} Python
 * @property {(code: string) => any} runPython
 * @property {(archive: ArrayBuffer, format: string, options: { extractDir: string }) => void} unpackArchive
 * @property {() => Uint8Array} makeMemorySnapshot
 * @property {any} FS
 * @property {any} _module
 */

const WASM = "pyodide.asm.wasm", LIBRARY = "python_stdlib.zip", LOCK = "pyodide-lock.json";
const LESSON = "/lesson", PACKAGES = "import site; site.getsitepackages()[0]";

/** A file that is not there, or that a host changed on its way. */
export class MissingFile extends Error {}

/**
 * @param {URL} folder  where the files are @param {Parts} parts
 * @param {(share: number) => void} onprogress  0…1 of the bytes that have come
 * @returns {Promise<Started>}
 */
export async function startPython(folder, parts, onprogress) {
  const download = downloads(folder, parts, onprogress);
  /** What the build compressed; with this type it is compiled while it comes. */
  const wasm = async () => {
    const unpacked = (await download(`${WASM}.bin`)).pipeThrough(new DecompressionStream("gzip"));
    return new Response(unpacked, { headers: { "Content-Type": "application/wasm" } });
  };
  const files = {
    [WASM]: wasm(),
    [LIBRARY]: download(LIBRARY).then((stream) => new Response(stream)),
    [LOCK]: download(LOCK).then((stream) => new Response(stream)),
  };
  const all = Promise.all(Object.values(files));
  all.catch(() => {}); // it is awaited below
  const kept = await keptMemory(folder);
  const archives = kept ? [] : ["numpy.zip", "lesson.zip"].map(async (name) => new Response(await download(name)).arrayBuffer());
  Promise.all(archives).catch(() => {});
  await all; // Pyodide would wait for ever for what is missing
  const { loadPyodide } = await import(new URL("pyodide.js", folder).href);
  const load = (/** @type {object} */ options) => handedOver(files, () => loadPyodide({ indexURL: folder.href, ...options }));
  if (kept) {
    await import(new URL("pyodide.asm.js", folder).href);
    try {
      return { python: await withMemory(kept, load), isNew: false };
    } catch (error) {
      console.warn(error);
      await forgetMemory(folder);
      return startPython(folder, parts, onprogress);
    }
  }
  const python = await load({ _makeSnapshot: true }), [numpy, lesson] = await Promise.all(archives);
  python.unpackArchive(numpy, "zip", { extractDir: python.runPython(PACKAGES) });
  python.FS.mkdirTree(LESSON);
  python.unpackArchive(lesson, "zip", { extractDir: LESSON });
  python.runPython(`import sys; sys.path.insert(0, "${LESSON}")`);
  return { python, isNew: true };
}

/** Keep what Python has in memory for the next visit. @param {URL} folder @param {Python} python */
export const keepPython = (folder, python) => keepMemory(folder, python, [LESSON, python.runPython(PACKAGES)]);

/** @param {URL} folder @param {Parts} parts @param {(share: number) => void} onprogress */
function downloads(folder, parts, onprogress) {
  const whole = Object.values(parts).reduce((sum, size) => sum + size, 0);
  let come = 0;
  return async (/** @type {string} */ name) => {
    const response = await fetch(new URL(name, folder)).catch(() => null);
    if (!response?.ok || !response.body) throw new MissingFile(name);
    const counter = new TransformStream({
      transform(chunk, controller) {
        come += chunk.byteLength;
        onprogress(Math.min(come / whole, 1));
        controller.enqueue(chunk);
      },
    });
    return response.body.pipeThrough(counter);
  };
}

/** While Pyodide loads, what it fetches are the downloads that have begun. @template T
 * @param {Record<string, Promise<Response>>} files @param {() => Promise<T>} load */
async function handedOver(files, load) {
  const { fetch } = globalThis;
  globalThis.fetch = (request, options) => files[String(request).split("/").at(-1) ?? ""] ?? fetch(request, options);
  try {
    return await load();
  } finally {
    globalThis.fetch = fetch;
  }
}
