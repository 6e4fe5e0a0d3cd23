import type { Component, Trigger } from "./streamlit.js";
import type { MatrixPlace } from "./matrices.js";

declare global {
  /** Draws the stage; set when the script is there. Components that came before it wait in `roiWaiting`. */
  var roiStage: ((component: Component) => void | (() => void)) | undefined;
  var roiWaiting: Component[] | undefined;
  /** Where the two matrices stand, and what draws them: `roialign_lab/ui/matrices.py`. */
  var roiBelow: MatrixPlace | undefined;
  var roiDrawBelow: (() => void) | undefined;
  /** The trigger of the component that loads the script. */
  var roiRunPage: Trigger | undefined;
  /** Written before the text of `loader.js` by `roialign_lab/ui/stage_files.py`. */
  var FILES: { folder: string; entry: string; modules: string[]; style: string };
  var SENTENCE: string;
  /** Written before the text of `notebook_loader.js` by `roialign_lab/notebook.py`; and what that made, for every widget. */
  var SOURCES: [name: string, text: string][];
  var ENTRY: string;
  var roiNotebook: Promise<any> | undefined;
  /** What Streamlit's page knows of its server. */
  var __streamlit: { BACKEND_BASE_URL?: string } | undefined;
}
