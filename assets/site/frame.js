/** The page in a frame of another one, which is told how high it is and may give the frame that height. */

const LEAST = 480; // pixels that a picture can count on: a frame that nobody gave a height has 150

/** What the page makes as high as its window keeps the height that the frame had: it would grow with what is told. */
export function followFrame() {
  let width = 0, told = 0;
  const measure = () => {
    if (innerWidth === width) return;
    width = innerWidth;
    if (innerHeight === told) return; // the frame has the height that it was told, not one of its own
    document.documentElement.style.setProperty("--dvh", `${Math.max(innerHeight, LEAST) / 100}px`);
  };
  measure();
  addEventListener("resize", measure);
  document.documentElement.classList.add("site-embedded");
  new ResizeObserver(() => {
    told = document.body.offsetHeight;
    parent.postMessage({ type: "roialign-lab", height: told }, "*");
  }).observe(document.body);
}

/** The address of a link, with what keeps the next page a page in a frame. @param {string} href */
export function inFrame(href) {
  const address = new URL(href, document.baseURI);
  address.searchParams.set("embed", "1");
  return address.href;
}
