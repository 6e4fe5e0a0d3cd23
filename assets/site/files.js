/** Files that a visitor keeps: the numbers of the picture, and its figure as SVG or PNG. */

import { save } from "../stage/figures.js";

/** @typedef {{ name: string, type: string, content: string }} File  `content` in base 64 */

/** A figure that Python painted; a PNG is a canvas with it. @param {{ name: string, svg: string }} figure */
export async function saveFigure({ name, svg }) {
  if (!name.endsWith(".png")) return save(name, new Blob([svg], { type: "image/svg+xml" }));
  const picture = new Image();
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  picture.src = address;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  canvas.toBlob((png) => png && save(name, png), "image/png");
  URL.revokeObjectURL(address);
}
