/** A visitor's own data: a file or pasted numbers go to Python as they are, a photo as pixels that the browser decoded. */

import { addHtml } from "../stage/dom.js";

/** @typedef {import("./worker_connection.js").Answer} Answer */
/** @typedef {{ answer?: Answer, problem?: string, arrays?: Record<string, string> }} Told */
/** @typedef {() => boolean} IsHere  is the page open that something was brought to? */

const QUALITY = 0.72; // of the small picture, a JPEG

/**
 * @typedef {object} Page
 * @property {(name: string, ...args: any[]) => Promise<any>} call  a method of the visit
 * @property {(answer: Answer) => void} take  an answer for the stage
 * @property {() => string} place  which page is open: another one has nothing to do with what was brought
 * @property {() => string} noPhoto  what is said of a file that the browser cannot decode
 * @property {() => string} noFile  and of one that it cannot read, as it was moved or changed since it was chosen
 * @property {() => string} noAnswer  and where Python or the browser gave up
 */

export class OwnData {
  /** @param {HTMLElement} root @param {Page} page */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    /** @type {File | undefined} the one that was chosen last */
    this.file = undefined;
    root.addEventListener("change", ({ target }) => {
      const name = target instanceof HTMLElement ? target.dataset.own : "";
      if (name === "file") this.read(null);
      if (name === "array") this.read(/** @type {HTMLSelectElement} */ (target).value);
    });
    root.addEventListener("click", ({ target }) => {
      if (target instanceof Element && target.closest('[data-own="use"]')) this.paste();
      if (target instanceof HTMLInputElement && target === this.part("file")) target.value = ""; // the same file may be chosen again
    });
  }

  /** @param {string} name @returns {any} */
  part(name) {
    return this.root.querySelector(`[data-own="${name}"]`);
  }

  paste() {
    this.bring(() => this.page.call("keep_matrix", this.part("matrix").value));
  }

  /** Show what Python makes of something, unless another page was opened meanwhile.
   * @param {(isHere: IsHere) => Promise<Told | null>} make @param {string | null} [array] */
  async bring(make, array) {
    const place = this.page.place(), isHere = () => place === this.page.place();
    const told = await make(isHere).catch((error) => {
      console.error(error);
      return { problem: this.page.noAnswer() };
    });
    if (told && isHere()) this.show(told, array);
  }

  /** The file that is chosen, or another array of it. @param {string | null} array  of an archive */
  async read(array) {
    /** @type {File | undefined} */
    const file = this.part("file").files[0] ?? (array === null ? undefined : this.file);
    if (!file) return;
    this.file = file;
    return this.bring((isHere) => this.readFile(file, array, isHere), array);
  }

  /** Python says first whether it takes such a file. @param {File} file @param {string | null} array @param {IsHere} isHere
   * @returns {Promise<Told | null>} */
  async readFile(file, array, isHere) {
    const { kind, problem } = await this.page.call("photo_or_maps", file.name, file.size);
    if (problem || !isHere()) return { problem };
    return kind === "photo" ? this.readPhoto(file, isHere) : this.readMaps(file, array, isHere);
  }

  /** @param {File} file @param {string | null} array @param {IsHere} isHere @returns {Promise<Told | null>} */
  async readMaps(file, array, isHere) {
    const content = await file.arrayBuffer().catch(() => null);
    if (!content) return { problem: this.page.noFile() };
    if (!isHere()) return null;
    return this.page.call("keep_file", file.name, new Uint8Array(content), array ?? undefined);
  }

  /** @param {File} file @param {IsHere} isHere @returns {Promise<Told | null>} */
  async readPhoto(file, isHere) {
    const isReadable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (!isReadable) return { problem: this.page.noFile() };
    const photo = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
    if (!photo) return { problem: this.page.noPhoto() };
    const sizes = await this.page.call("photo_size", file.name, file.size, photo.width, photo.height);
    if (sizes.problem || !isHere()) {
      photo.close();
      return sizes.problem ? sizes : null;
    }
    const drawn = draw(photo, sizes.network), small = draw(photo, sizes.preview);
    photo.close();
    const { data } = drawn.context.getImageData(0, 0, drawn.canvas.width, drawn.canvas.height);
    const preview = small.canvas.toDataURL("image/jpeg", QUALITY);
    return this.page.call("keep_photo", new Uint8Array(data.buffer), drawn.canvas.width, drawn.canvas.height, preview);
  }

  /** @param {Told} told @param {string | null} [array] */
  show({ answer, problem, arrays = {} }, array = null) {
    const said = this.part("problem"), select = this.part("array"), names = Object.keys(arrays);
    if (said) {
      said.textContent = problem ?? "";
      said.hidden = !problem;
    }
    if (select) {
      select.closest("label").hidden = !names.length;
      select.replaceChildren();
      for (const name of names) addHtml(select, "option", { value: name }, arrays[name]);
      if (array !== null) select.value = array;
    }
    if (answer) this.page.take(answer);
  }
}

/** A photo on white, in a size that Python chose. @param {ImageBitmap} photo @param {[width: number, height: number]} size */
function draw(photo, [width, height]) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, width, height);
  return { canvas, context };
}
