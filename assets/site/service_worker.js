/**
 * Keeps a version of the site, so that the second visit needs no network. `roialign_lab/site/build.py` writes `VERSION`
 * and `KEPT` before this text.
 */

/* global VERSION, KEPT */

const worker = /** @type {any} */ (globalThis); // a ServiceWorkerGlobalScope
/** @type {string} */
const SCOPE = worker.registration.scope;
const OURS = `roialign-lab ${SCOPE} `; // sites in other folders of this host have caches of their own
const PATIENCE = 3000; // ms that a page is waited for when the network is bad

worker.oninstall = (/** @type {any} */ event) => {
  event.waitUntil(keepAll().then(() => worker.skipWaiting()));
};

async function keepAll() {
  const cache = await caches.open(OURS + VERSION);
  const files = KEPT.map((file) => new Request(new URL(file, SCOPE).href, { cache: isVersioned(file) ? "default" : "no-cache" }));
  await cache.addAll(files).catch(async (error) => {
    await caches.delete(OURS + VERSION); // else it would count as the version before
    throw error;
  });
}

/** Has the file the version in its name? Of another, such as a page, the browser may still have the one of before. @param {string} file */
const isVersioned = (file) => file.startsWith("lab-");

worker.onactivate = (/** @type {any} */ event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
};

/** The version before stays, for pages of it that are open. */
async function forgetOthers() {
  const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== OURS + VERSION);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
}

worker.onfetch = (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(SCOPE)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else event.respondWith(file(request));
};

/** @param {Request} request */
async function file(request) {
  return (await kept(request.url)) ?? (await caches.match(request.url, { ignoreSearch: true })) ?? fetch(request);
}

/** A page as the host has it now, or else the one that was kept. @param {Request} request */
async function page(request) {
  const url = new URL(request.url);
  const path = url.pathname.slice(new URL(SCOPE).pathname.length).replace(/\/?(index\.html)?$/, "");
  const folder = new URL(path ? `${path}/` : "./", SCOPE);
  const isThere = /\/(index\.html)?$/.test(url.pathname); // else the page's own relative addresses would miss
  const stored = kept(folder.href).then((found) => (found && !isThere ? Response.redirect(folder.href + url.search) : found));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(() => stored);
  const fresh = fetch(request, { cache: "no-cache" }).then((response) => (response.ok || response.type === "opaqueredirect" ? response : null), () => null);
  return (await Promise.race([fresh, late])) ?? (await stored) ?? (await fresh) ?? Response.error();
}

/** @param {string} url */
async function kept(url) {
  const cache = await caches.open(OURS + VERSION);
  return cache.match(url, { ignoreSearch: true });
}
