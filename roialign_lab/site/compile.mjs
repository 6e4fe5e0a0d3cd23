// Compile the Python files of zip archives with the Python of the browser: `node compile.mjs a.zip b.zip`, in their place.

import { readFileSync, writeFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const python = await loadPyodide({ env: { PYTHONHASHSEED: "0" } }); // the same bytes in every build
python.FS.writeFile("/bytecode.py", readFileSync("bytecode.py"));
python.runPython("import sys; sys.path.insert(0, '/')");
const { compiled } = python.pyimport("bytecode");
for (const name of process.argv.slice(2)) {
  python.FS.writeFile("/archive.zip", new Uint8Array(readFileSync(name)));
  const made = python.runPython("from pathlib import Path; Path('/archive.zip').read_bytes()");
  writeFileSync(name, compiled(made).toJs());
}
