declare global {
  /** The worker that the page starts before the script comes, whether it did not come, why it could not, and the visitor's language: `assets/site/page.html`. */
  var roiWorker: Worker | undefined;
  var roiLost: boolean | undefined;
  var roiUnable: string | undefined;
  var roiLanguage: "en" | "zh" | undefined;
  /** How Pyodide makes its WebAssembly module: `pyodide.asm.js`. */
  var _createPyodideModule: (settings: object) => Promise<any>;
  /** Written before the text of `worker.js` and `service_worker.js` by `roialign_lab/site/build.py`. */
  var PARTS: Record<string, number>;
  var VERSION: string;
  var KEPT: string[];
}

export {};
