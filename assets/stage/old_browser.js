/**
 * For browsers of 2022, before Streamlit's script: `roialign_lab/ui/deep_link.py` writes this text into the page, with
 * `SENTENCE` before it. Streamlit makes regular expressions with the flag `v` (Chrome 112, Firefox 116, Safari 17), where
 * `u` means the same, and sorts by `toSorted` (Chrome 110, Firefox 115). What cannot be given is said.
 */

/* global SENTENCE */

try {
  new RegExp("", "v");
} catch {
  const known = (/** @type {string | undefined} */ flags) => flags && flags.replace("v", "u");
  globalThis.RegExp = new Proxy(RegExp, {
    apply: (own, _, [pattern, flags]) => own(pattern, known(flags)),
    construct: (own, [pattern, flags], made) => Reflect.construct(own, [pattern, known(flags)], made),
  });
}
if (!("toSorted" in Array.prototype)) {
  Object.defineProperty(Array.prototype, "toSorted", {
    configurable: true,
    writable: true,
    /** @this {ArrayLike<any>} @param {(a: any, b: any) => number} [order] */
    value(order) {
      return Array.from(this).sort(order);
    },
  });
}
if (!CSS.supports("width", "1cqw")) { // Chrome 105, Firefox 110, Safari 16
  addEventListener("DOMContentLoaded", () => {
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.style.cssText = "padding: 1em; font: 16px/1.5 sans-serif; white-space: pre-line";
    said.textContent = SENTENCE;
    document.body.insertBefore(said, document.body.firstChild);
  });
}
