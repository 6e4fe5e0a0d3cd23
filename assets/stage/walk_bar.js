/** The steps of a walk: a rail of names with a slider, buttons to turn, and a player that turns by itself. */

import { addHtml, setAttributes, setText } from "./dom.js";

/** @typedef {import("./stage.js").Stage} Stage */
/** @typedef {import("./wire.js").Step} Step */

const SPEEDS = [["5", "½×"], ["2.5", "1×"], ["1.25", "2×"]]; // seconds a step
const USUAL_SPEED = "2.5";

/**
 * Turns the walk every few seconds until it is at the end. It waits for nobody: a step that asks first stays a question for as
 * long as any other step is seen, and unless it is answered its answer is not.
 */
export class Player {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  get isPlaying() {
    return this.timer !== undefined;
  }

  /** @param {number} seconds  a step */
  play(seconds) {
    const { stage } = this;
    if (stage.isAtLastStep) stage.goToStep(0);
    this.timer = setInterval(() => {
      if (!stage.canGoOn || !stage.root.isConnected) return this.pause();
      stage.turn(1);
      if (stage.isAtLastStep) this.pause();
    }, seconds * 1000);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.stage.view?.walkBar?.drawPlayer();
  }
}

export class WalkBar {
  /** @param {HTMLElement} host @param {Stage} stage */
  constructor(host, stage) {
    const { words } = stage;
    this.stage = stage;
    this.root = addHtml(host, "nav", { class: "roi-walk", "aria-label": words.steps });
    this.first = this.makeButton("first", "«", this.turning(() => stage.goToStep(0)));
    this.back = this.makeButton("back", "‹", this.turning(() => stage.turn(-1)));
    const track = addHtml(this.root, "div", { class: "roi-track" });
    this.rail = addHtml(track, "ol", { class: "roi-rail" });
    this.slider = addHtml(track, "input", {
      type: "range", min: 0, step: 1, class: "roi-step-slider", "data-testid": "step-slider", "aria-label": words.steps,
    });
    this.slider.addEventListener("input", () => stage.goToStep(Number(this.slider.value)));
    this.next = this.makeButton("next", "›", this.turning(() => stage.turn(1)));
    this.last = this.makeButton("last", "»", this.turning(() => stage.goToStep(-1)));
    this.player = this.makeButton("play", "▶", () => this.playOrPause());
    this.speed = addHtml(this.root, "select", {
      class: "roi-speed", "data-testid": "step-speed", "aria-label": words.speed, title: words.speed,
    });
    for (const [seconds, label] of SPEEDS) addHtml(this.speed, "option", { value: seconds }, label);
    this.speed.value = USUAL_SPEED;
    this.drawPlayer();
    this.deeper = this.makeButton("deeper", "⋯", () => {
      stage.isDeep = !stage.isDeep;
      stage.view?.drawWalk();
    });
    this.predict = this.makeButton("predict", words.predict, this.turning(() => stage.prediction.toggle()));
    this.predict.classList.add("roi-predict");
    setAttributes(this.predict, { title: words.predict_title });
    /** @type {{ item: HTMLLIElement, button: HTMLButtonElement }[]} */
    this.items = [];
    this.written = "";
  }

  /** @param {string} name @param {string} sign @param {(event: MouseEvent) => void} act */
  makeButton(name, sign, act) {
    const label = this.stage.words[name];
    const button = addHtml(this.root, "button", {
      type: "button", class: "roi-turn", "data-testid": `step-${name}`, "aria-label": label, title: label,
    }, sign);
    button.addEventListener("click", act);
    return button;
  }

  /** What may have a step ask: pressed by a key, it is answered by keys. @param {() => void} act
   * @returns {(event: MouseEvent) => void} */
  turning(act) {
    const { stage } = this;
    return ({ detail }) => {
      act();
      if (stage.prediction.isOpen && detail === 0) stage.panels[0].cursor?.root.focus();
    };
  }

  /** The keyboard goes on from a question: it was answered, or shown what it asked for. */
  focusNext() {
    (this.next.disabled ? this.predict : this.next).focus();
  }

  /** @param {Step[]} steps */
  setSteps(steps) {
    const written = JSON.stringify(steps.map(({ key, title }) => [key, title]));
    if (written === this.written) return; // a button that has the keyboard keeps it
    this.written = written;
    this.rail.replaceChildren();
    this.items = steps.map(({ key, title }, k) => {
      const item = addHtml(this.rail, "li"), button = addHtml(item, "button", { type: "button", title, "data-testid": `step-${key}` });
      addHtml(button, "b", {}, String(k + 1));
      button.append(" ");
      addHtml(button, "span", {}, title);
      button.addEventListener("click", this.turning(() => this.stage.goToStep(k)));
      return { item, button };
    });
  }

  /** @param {Step[]} steps @param {number} at  the place of the open step */
  draw(steps, at) {
    this.items.forEach(({ item, button }, k) => {
      setAttributes(item, { class: k < at ? "roi-past" : k === at ? "roi-now" : "roi-later" });
      if (k === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    this.stage.root.classList.toggle("roi-valued", steps.slice(0, at).some(({ key }) => key === "values"));
    setAttributes(this.slider, {
      max: steps.length - 1, "aria-valuetext": steps[at]?.title ?? "", style: `--steps: ${steps.length}`,
    });
    if (Number(this.slider.value) !== at) this.slider.value = String(at);
    setAttributes(this.deeper, { "aria-pressed": this.stage.isDeep });
    this.first.disabled = at <= 0;
    this.back.disabled = at <= 0 && !this.stage.levelInside;
    this.last.disabled = at >= steps.length - 1;
    this.next.disabled = !this.stage.canGoOn;
    this.predict.hidden = !steps.some((step) => step.predict);
    setAttributes(this.predict, { "aria-pressed": this.stage.prediction.isOn });
  }

  playOrPause() {
    const { player } = this.stage;
    if (player.isPlaying) return player.pause();
    player.play(Number(this.speed.value));
    this.drawPlayer();
  }

  drawPlayer() {
    const { player, words } = this.stage, label = player.isPlaying ? words.pause : words.play;
    setText(this.player, player.isPlaying ? "❚❚" : "▶");
    setAttributes(this.player, { "aria-label": label, title: label });
  }
}
