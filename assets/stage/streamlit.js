/** Streamlit's component: an event runs the fragment of the page, and what is kept belongs in its session. */

/** @typedef {import("./connection.js").KeptConnection} KeptConnection */
/** @typedef {(name: string, value: unknown) => void} Trigger */

/**
 * What Streamlit hands to a component whenever it draws it.
 *
 * @typedef {object} Component
 * @property {HTMLElement} parentElement
 * @property {import("./wire.js").Update} data
 * @property {Trigger} setTriggerValue
 */

/** @implements {KeptConnection} */
export class StreamlitConnection {
  constructor() {
    /** @type {KeptConnection["onanswer"]} */
    this.onanswer = null;
    /** @type {Trigger | null} */
    this.trigger = null;
  }

  get isOpen() {
    return this.trigger !== null;
  }

  /** @param {import("./events.js").SentEvent} event */
  ask(event) {
    this.trigger?.("event", event);
  }

  /** Streamlit drew the component: with an answer, or with the last one again. @param {Component} component */
  receive({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    this.onanswer?.(data);
  }

  /** Ask for a run of the whole page: the component that loads the script stands outside the fragment. @param {number} sequence */
  restart(sequence) {
    globalThis.roiRunPage?.("anew", sequence);
  }
}
