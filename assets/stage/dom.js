/** Elements: made once, and written only where something changed. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number | boolean>} Attributes */

/**
 * Append a new HTML element.
 *
 * @template {keyof HTMLElementTagNameMap} N
 * @param {Element} parent @param {N} name @param {Attributes} [attributes] @param {string} [text]
 */
export function addHtml(parent, name, attributes = {}, text) {
  const node = document.createElement(name);
  complete(parent, node, attributes, text);
  return node;
}

/**
 * Append a new SVG element.
 *
 * @template {keyof SVGElementTagNameMap} N
 * @param {Element} parent @param {N} name @param {Attributes} [attributes] @param {string} [text]
 */
export function addSvg(parent, name, attributes = {}, text) {
  const node = document.createElementNS(SVG, name);
  complete(parent, node, attributes, text);
  return node;
}

/** @param {Element} parent @param {Element} node @param {Attributes} attributes @param {string | undefined} text */
function complete(parent, node, attributes, text) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text !== undefined) node.textContent = text;
  parent.append(node);
}

/** @type {WeakMap<Element, Attributes>} what `setAttributes` wrote last: to compare with it is quicker than to read back */
const written = new WeakMap();

/** Write attributes that changed. What is written here is written nowhere else. @param {Element} node
 * @param {Attributes} attributes */
export function setAttributes(node, attributes) {
  let last = written.get(node);
  if (!last) written.set(node, (last = {}));
  for (const name in attributes) {
    const value = attributes[name];
    if (last[name] === value) continue;
    last[name] = value;
    node.setAttribute(name, String(value));
  }
}

/** Write a text that changed into the text node that is there: a new node would be laid out from nothing.
 * @param {Element} node @param {string} text */
export function setText(node, text) {
  const { firstChild } = node;
  if (firstChild instanceof Text && !firstChild.nextSibling) setData(firstChild, text);
  else if (node.textContent !== text) node.textContent = text;
}

/** @param {CharacterData} node @param {string} text */
function setData(node, text) {
  if (node.data !== text) node.data = text;
}

/** @type {WeakMap<Element, string>} */
const marked = new WeakMap();

/** Text with [role:words] marks, as spans in the colour of the role; never as HTML. @param {Element} node
 * @param {string} text */
export function setMarkedText(node, text) {
  const before = marked.get(node);
  if (before === text) return;
  marked.set(node, text);
  const parts = text.split(/(\[\w+:[^\]]*\])/); // words, mark, words, mark, words
  const kept = before !== undefined && [...node.childNodes].every((child, k) => child instanceof (k % 2 ? HTMLSpanElement : Text));
  if (!kept) node.replaceChildren(); // what a browser's translation made of it
  while (node.childNodes.length > parts.length) node.lastChild?.remove();
  while (node.childNodes.length < parts.length) node.append(node.childNodes.length % 2 ? document.createElement("span") : "");
  node.childNodes.forEach((child, k) => {
    if (child instanceof Text) return setData(child, parts[k]);
    const [role, ...words] = parts[k].slice(1, -1).split(":"), span = /** @type {HTMLSpanElement} */ (child);
    setAttributes(span, { class: `roi-term roi-ink-${role}` });
    setText(span, words.join(":"));
  });
}

/** A template with its {names} replaced. @param {string} template
 * @param {Record<string, string | number | undefined>} values */
export function interpolate(template, values) {
  return template.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (all, name, one, many) =>
    one === undefined ? String(values[name] ?? all) : String(values[name]) === "1" ? one : many);
}

/**
 * Makes and reuses the marks of a group, so that a drag changes attributes and makes no elements.
 *
 * @template {{ root: SVGElement }} T
 */
export class NodePool {
  /** @param {SVGElement} group @param {(group: SVGElement, k: number) => T} make */
  constructor(group, make) {
    this.group = group;
    this.make = make;
    /** @type {T[]} */
    this.nodes = [];
    this.shown = 0;
  }

  /** @template I @param {I[]} items @param {(node: T, item: I, k: number) => void} update */
  draw(items, update) {
    while (this.nodes.length < items.length) this.nodes.push(this.make(this.group, this.nodes.length));
    for (; this.shown > items.length; this.shown--) this.nodes[this.shown - 1].root.style.display = "none";
    for (; this.shown < items.length; this.shown++) this.nodes[this.shown].root.style.display = "";
    items.forEach((item, k) => update(this.nodes[k], item, k));
  }
}

/** A pool of elements of one kind. @template {keyof SVGElementTagNameMap} N @param {SVGElement} group @param {N} name
 * @param {Attributes} [attributes] */
export const poolOf = (group, name, attributes) => new NodePool(group, (g) => ({ root: addSvg(g, name, attributes) }));

/** What has the keyboard around a node, which can be in a shadow root. @param {Node} node */
export const focusedAround = (node) => /** @type {Document | ShadowRoot} */ (node.getRootNode()).activeElement;

/** What takes the arrow keys to scroll. */
export const SCROLLING = "pre, .site-table";

/** What takes keys itself. */
export const TYPING = ["input", "textarea", "select", "[contenteditable]",
  ...["slider", "radiogroup", "combobox", "listbox", "dialog", "menu"].map((role) => `[role=${role}]`)].join();

/** What a person writes in, or what is open over the page: there a clicker turns nothing. A menu, a slider, a grip or a
 * button keeps the keyboard after it was used, and has no use for Page Up and Page Down. */
const WRITTEN_IN = ["input:not([type=range], [type=checkbox], [type=radio])", "textarea", "[contenteditable]", "dialog",
  ...["listbox", "dialog", "menu"].map((role) => `[role=${role}]`)].join();

/** @param {EventTarget | null} target */
export const isWrittenIn = (target) => target instanceof Element && target.closest(WRITTEN_IN) !== null;
