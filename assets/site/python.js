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

/** A file that is not there, breaks off, or was changed by a host on its way. */
export class MissingFile extends Error {}

/**
 * @param {URL} folder  where the files are @param {Parts} parts
 * @param {(share: number) => void} onprogress  0…1 of the bytes that have come
 * @returns {Promise<Started>}
 */
export async function startPython(folder, parts, onprogress) {
  const { download, unlessBroken, breakOff } = downloads(folder, parts, onprogress);
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
  const { loadPyodide } = await script("pyodide.js", folder);
  await script("pyodide.asm.js", folder);
  const load = (/** @type {object} */ options) =>
    handedOver(files, breakOff, () => unlessBroken(loadPyodide({ indexURL: folder.href, ...options })));
  if (kept) {
    try {
      return { python: await withMemory(kept, load), isNew: false };
    } catch (error) {
      if (error instanceof MissingFile) throw error; // the memory is as good as it was
      console.warn(error);
      await forgetMemory(folder);
      return startPython(folder, parts, onprogress);
    }
  }
  const python = await load({ _makeSnapshot: true }), [numpy, lesson] = await unlessBroken(Promise.all(archives));
  python.unpackArchive(numpy, "zip", { extractDir: python.runPython(PACKAGES) });
  python.FS.mkdirTree(LESSON);
  python.unpackArchive(lesson, "zip", { extractDir: LESSON });
  python.runPython(`import sys; sys.path.insert(0, "${LESSON}")`);
  return { python, isNew: true };
}

/** Keep what Python has in memory for the next visit. @param {URL} folder @param {Python} python */
export const keepPython = (folder, python) => keepMemory(folder, python, [LESSON, python.runPython(PACKAGES)]);

/** @param {string} name @param {URL} folder @returns {Promise<any>} */
const script = (name, folder) => import(new URL(name, folder).href).catch(() => {
  throw new MissingFile(name);
});

/**
 * The streams of the files. Pyodide goes on without a file that breaks off, or waits for it for ever: `unlessBroken` fails
 * with the first that does, whatever becomes of what reads it.
 *
 * @param {URL} folder @param {Parts} parts @param {(share: number) => void} onprogress
 */
function downloads(folder, parts, onprogress) {
  const whole = Object.values(parts).reduce((sum, size) => sum + size, 0);
  let come = 0;
  /** @type {(reason: unknown) => void} */
  let breakOff = () => {};
  /** @type {Promise<never>} */
  const broken = new Promise((_, reject) => (breakOff = reject));
  broken.catch(() => {}); // somebody may read a stream to its end and await nothing else
  /** @param {string} name */
  async function download(name) {
    const response = await fetch(new URL(name, folder)).catch(() => null);
    if (!response?.ok || !response.body) throw new MissingFile(name);
    const reader = response.body.getReader();
    let left = parts[name];
    return new ReadableStream({
      async pull(controller) {
        const { value } = await reader.read().catch(() => ({ value: undefined }));
        if (value) {
          left -= value.byteLength;
          come += value.byteLength;
          onprogress(Math.min(come / whole, 1));
          controller.enqueue(value);
        } else if (left === 0) {
          controller.close();
        } else {
          const missing = new MissingFile(name);
          breakOff(missing);
          controller.error(missing);
        }
      },
    });
  }
  return { download, breakOff, unlessBroken: (/** @type {Promise<any>} */ made) => Promise.race([broken, made]) };
}

/** While Pyodide loads, what it fetches are the downloads that have begun; that WebAssembly cannot start, as where memory
 * is short, it keeps to itself. @template T
 * @param {Record<string, Promise<Response>>} files @param {(reason: unknown) => void} onfailure @param {() => Promise<T>} load */
async function handedOver(files, onfailure, load) {
  const { fetch } = globalThis, { instantiateStreaming } = WebAssembly;
  globalThis.fetch = (request, options) => files[String(request).split("/").at(-1) ?? ""] ?? fetch(request, options);
  WebAssembly.instantiateStreaming = (...given) => {
    const made = instantiateStreaming(...given);
    made.catch(onfailure);
    return made;
  };
  try {
    return await load();
  } finally {
    globalThis.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  }
}
