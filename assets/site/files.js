/** Figures that Python painted for a visitor: as SVG, of which a PNG is a canvas. */

/** @param {{ name: string, svg: string }} figure @returns {Promise<Blob>} */
export async function pictureOf({ name, svg }) {
  const shapes = new Blob([svg], { type: "image/svg+xml" });
  if (!name.endsWith(".png")) return shapes;
  const picture = new Image();
  picture.src = URL.createObjectURL(shapes);
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  URL.revokeObjectURL(picture.src);
  return new Promise((take, giveUp) => canvas.toBlob((png) => (png ? take(png) : giveUp()), "image/png"));
}
