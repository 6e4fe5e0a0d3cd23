/** Addresses: which page a path names, and what a query asks for. */

/** The page of a path below the site's folder. @param {string} path @param {Record<string, string>} folders */
export function pageAt(path, folders) {
  const folder = `${path.replace(/(^|\/)index\.html$/, "").replace(/\/$/, "")}/`;
  return Object.keys(folders).find((page) => folders[page] === (folder === "/" ? "./" : folder));
}

/** A query as Python writes it, for the address bar. @param {string} query @param {boolean} isEmbedded */
export function queryFor(query, isEmbedded) {
  const whole = [query, isEmbedded ? "embed=1" : ""].filter(Boolean).join("&");
  return whole && `?${whole}`;
}

/** Do two queries ask for the same? @param {string} one @param {string} other */
export function asksForTheSame(one, other) {
  const [a, b] = [one, other].map((query) => {
    const parameters = new URLSearchParams(query);
    parameters.delete("embed");
    parameters.sort();
    return parameters.toString();
  });
  return a === b;
}
