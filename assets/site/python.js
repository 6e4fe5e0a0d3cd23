/**
 * Python in the browser, with NumPy and the lesson: downloaded side by side, from this site alone.
 *
 * `PARTS` says how many bytes each file has; `roialign_lab/site/build.py` writes it before the text of `worker.js`.
 */

/** @typedef {Record<string, number>} Parts  bytes of each file, by its name */
/** @typedef {{ runPython: (code: string) => any, unpackArchive: Function, FS: any }} Python  what is used of Pyodide */

const WASM = "pyodide.asm.wasm", LIBRARY = "python_stdlib.zip", LOCK = "pyodide-lock.json", LESSON = "/lesson";

/** A file that is not there, or that a host changed on its way. */
export class MissingFile extends Error {}

/**
 * @param {URL} folder  where the files are @param {Parts} parts
 * @param {(share: number) => void} onprogress  0…1 of the bytes that have come
 * @returns {Promise<Python>}
 */
export async function startPython(folder, parts, onprogress) {
  const whole = Object.values(parts).reduce((sum, size) => sum + size, 0);
  let come = 0;
  /** @param {string} name */
  const download = async (name) => {
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
  const archives = Promise.all(["numpy.zip", "lesson.zip"].map(async (name) => new Response(await download(name)).arrayBuffer()));
  archives.catch(() => {}); // it is awaited below
  await Promise.all(Object.values(files)); // Pyodide would wait for ever for what is missing
  const { loadPyodide } = await import(new URL("pyodide.js", folder).href);
  const python = await handedOver(files, () => loadPyodide({ indexURL: folder.href }));
  const [numpy, lesson] = await archives;
  python.unpackArchive(numpy, "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
  python.FS.mkdirTree(LESSON);
  python.unpackArchive(lesson, "zip", { extractDir: LESSON });
  python.runPython(`import sys; sys.path.insert(0, "${LESSON}")`);
  return python;
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
