/**
 * The memory of a Python that has loaded the lesson, kept by the browser: the next visit goes on from there, in half of the
 * time that Python and NumPy take to start, or less.
 *
 * Kept is one file: how long its table of contents is, the table, the memory, and the files that Python may read. In the
 * memory are the places of what NumPy's compiled libraries brought with them, their data and their functions. A new
 * WebAssembly instance has neither functions nor libraries: these are loaded again in their order, and where one would
 * not come to its old place, nothing of the memory is used.
 */

/** @typedef {import("./python.js").Python} Python */

/**
 * @typedef {object} Contents  what stands in what is kept, and where
 * @property {number} memory  bytes
 * @property {Library[]} libraries  in the order in which they were loaded
 * @property {number} functions  that can be called by their number, once all are loaded
 * @property {[path: string, bytes: number][]} files
 */

/** @typedef {{ name: string, handle: number, first: number }} Library  its handle in the memory, its first function */

/** @typedef {{ contents: Contents, memory: Uint8Array, files: Map<string, Uint8Array> }} Kept */

const KEPT = "roialign-lab memory ", WHOLE = "memory.bin", STEP = 4; // bytes: a memory begins at a multiple of them
const FIRST_FUNCTION = 20; // bytes from the handle of a library: the number of its first function

/** The cache of this version of the site, and how those of all its versions begin. @param {URL} folder */
function cacheName(folder) {
  const all = KEPT + new URL("../../", folder).href + " ";
  return { all, own: all + folder.href };
}

/** What an earlier visit kept, or null: also where a browser keeps nothing. @param {URL} folder @returns {Promise<Kept | null>} */
export async function keptMemory(folder) {
  try {
    const found = await caches.match(new URL(WHOLE, folder), { cacheName: cacheName(folder).own });
    return found ? unpacked(await found.arrayBuffer()) : null;
  } catch (error) {
    console.warn(error);
    await forgetMemory(folder);
    return null;
  }
}

/** @param {ArrayBuffer} whole @returns {Kept} */
function unpacked(whole) {
  const [length] = new Uint32Array(whole, 0, 1);
  /** @type {Contents} */
  const contents = JSON.parse(new TextDecoder().decode(new Uint8Array(whole, STEP, length)));
  let at = STEP + length;
  const next = (/** @type {number} */ size) => new Uint8Array(whole, (at += size) - size, size);
  const memory = next(contents.memory);
  return { contents, memory, files: new Map(contents.files.map(([path, size]) => [path, next(size)])) };
}

/** Keep the memory of Python in place of that of another version. @param {URL} folder @param {Python} python @param {string[]} folders */
export async function keepMemory(folder, python, folders) {
  const { all, own } = cacheName(folder);
  const { FS, _module: { LDSO, HEAPU32, wasmTable } } = python;
  const paths = folders.flatMap((top) => filesBelow(FS, top)), files = paths.map((path) => FS.readFile(path));
  const memory = python.makeMemorySnapshot();
  const handles = Object.entries(LDSO.loadedLibsByHandle).map(([handle, { name }]) => ({ name, handle: Number(handle) }));
  const libraries = Object.keys(LDSO.loadedLibsByName).flatMap((name) => handles.filter((some) => some.handle && some.name === name))
    .map((some) => ({ ...some, first: HEAPU32[(some.handle + FIRST_FUNCTION) / 4] }));
  /** @type {Contents} */
  const contents = {
    memory: memory.length,
    libraries,
    functions: wasmTable.length,
    files: paths.map((path, k) => [path, files[k].length]),
  };
  const table = new TextEncoder().encode(JSON.stringify(contents));
  const padding = new Uint8Array((STEP - (table.length % STEP)) % STEP).fill(" ".charCodeAt(0));
  const whole = new Blob([Uint32Array.of(table.length + padding.length), table, padding, memory, ...files]);
  for (const name of await caches.keys()) if (name.startsWith(all) && name !== own) await caches.delete(name);
  await (await caches.open(own)).put(new URL(WHOLE, folder), new Response(whole));
}

/** @param {URL} folder */
export async function forgetMemory(folder) {
  await globalThis.caches?.delete(cacheName(folder).own).catch(console.warn);
}

/** Start a Python with a memory that was kept. @param {Kept} kept @param {(options: object) => Promise<Python>} load
 * Pyodide's `loadPyodide`, once its `pyodide.asm.js` is there */
export async function withMemory({ contents, memory, files }, load) {
  const make = globalThis._createPyodideModule;
  globalThis._createPyodideModule = async (settings) => {
    const module = await make(settings), { API } = module, restore = API.restoreSnapshot;
    API.restoreSnapshot = (/** @type {Uint8Array} */ snapshot) => {
      restore(snapshot); // the libraries read in it where they stood
      for (const library of contents.libraries) loadAgain(module, library, files);
      if (module.wasmTable.length !== contents.functions) throw new Error("other functions than before");
      return restore(snapshot); // their data is as it was, not as it began
    };
    return module;
  };
  try {
    const python = await load({ _loadSnapshot: memory });
    for (const [path, content] of files) {
      python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      python.FS.writeFile(path, content);
    }
    return python;
  } finally {
    globalThis._createPyodideModule = make;
  }
}

/** @param {any} module @param {Library} library @param {Map<string, Uint8Array>} files */
function loadAgain(module, { name, handle, first }, files) {
  if (module.wasmTable.length !== first) throw new Error(`${name}: not in its place`);
  const fs = { findObject: () => true, readFile: () => files.get(name) };
  module.loadDynamicLibrary(name, { global: false, nodelete: false, loadAsync: false, fs }, {}, handle);
}

/** @param {any} FS @param {string} folder @returns {string[]} */
function filesBelow(FS, folder) {
  const names = FS.readdir(folder).filter((/** @type {string} */ name) => name !== "." && name !== "..");
  return names.map((/** @type {string} */ name) => `${folder}/${name}`).flatMap((/** @type {string} */ path) =>
    FS.isDir(FS.stat(path).mode) ? filesBelow(FS, path) : [path]);
}
