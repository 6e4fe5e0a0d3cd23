// The live stage. It draws what Python sends and reports what a person does; it computes no number that is shown.
//
// Python sends `still` (the map, the words) once, and `moving` (what a drag changes) with every answer. The box follows
// the pointer at once; one request is in flight, the latest position wins, and a lost answer times out. What is only
// looked at goes by a WebSocket of its own, what is kept goes to Streamlit, and everything does where there is no such road.

const SVG = "http://www.w3.org/2000/svg";
const CELL = 100; // drawing units a map cell
const ONE_HANDLE = 20; // pixels: the handles of a box that is smaller lie on top of one another
const LEAST_SIDE = 0.05; // cells
const LOST_AFTER = 1500; // ms without an answer, and twice as long each time that it is asked again
const LEFT_AFTER = 6000; // ms until a link to another page is followed without Python
const TRIES = 12; // of one event: a server that starts anew takes its time
const AGAIN_AFTER = 10_000; // ms until a road that broke is tried again
const REFUSALS = 3; // of the road, until the map or the words change
const MOST_WHOLE = 16; // cells of a map along a side whose matrices are drawn with every 0
const MOST_CELLS = 24; // cells along a side that a map between its matrices is drawn with
const ONLY_LOOKED_AT = new Set(["box", "point", "focus"]);
const HANDLES = { nw: [0, 0], n: [0.5, 0], ne: [1, 0], w: [0, 0.5], e: [1, 0.5], sw: [0, 1], s: [0.5, 1], se: [1, 1] };
const SIDES = ["x1", "y1", "x2", "y2"];
const stills = new Map(); // what was sent before, by its id: a page that comes back need not ask again
const stages = new WeakMap();

const tag = (parent, name, attributes = {}, text) => {
  const svg = parent.namespaceURI === SVG || name === "svg";
  const node = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
};
const set = (node, attributes) => {
  for (const key in attributes) {
    const value = String(attributes[key]);
    if (node.getAttribute(key) !== value) node.setAttribute(key, value);
  }
};
const say = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
const numbers = (text) => (text ? text.split(" ").map(Number) : []);
const table = (text) => (text ? text.split(",").map(numbers) : []);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const toHundredth = (value) => Math.round(value * 100) / 100;
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

/** Text with [role:words] marks, as spans in the colour of the role; never as HTML. */
function sayMarked(node, text) {
  if (node.said === text) return;
  node.said = text;
  node.replaceChildren();
  for (const part of text.split(/(\[\w+:[^\]]*\])/)) {
    const mark = /^\[(\w+):([^\]]*)\]$/.exec(part);
    if (mark) tag(node, "span", { class: `roi-term roi-ink-${mark[1]}` }, mark[2]);
    else node.append(part);
  }
}

/** Grows and reuses the children of a group, so that a drag changes attributes and never makes nodes. */
class Pool {
  constructor(group, make) {
    this.group = group;
    this.make = make;
    this.nodes = [];
  }
  draw(items, update) {
    while (this.nodes.length < items.length) this.nodes.push(this.make(this.group, this.nodes.length));
    this.nodes.forEach((node, k) => {
      const root = node.root ?? node;
      const shown = k < items.length;
      if (root.hidden_ !== !shown) {
        root.style.display = shown ? "" : "none";
        root.hidden_ = !shown;
      }
      if (shown) update(node, items[k], k);
    });
  }
}

/** The WebSocket beside Streamlit's: relative to the page, so it is found under any base path. */
const road = {
  open() {
    const address = new URL("roi-drag", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.search = address.hash = "";
    this.socket = new WebSocket(address);
    this.socket.onmessage = ({ data }) => this.stage?.answered(JSON.parse(data));
    this.socket.onclose = () => setTimeout(() => this.open(), AGAIN_AFTER);
  },
  get ready() {
    return this.socket?.readyState === WebSocket.OPEN;
  },
  ask(stage, event) {
    this.stage = stage;
    this.socket.send(JSON.stringify(event));
  },
};
road.open();

/** One map with everything laid on it, and its output. */
class Panel {
  constructor(stage, host, loupe) {
    this.stage = stage;
    this.loupe = loupe; // a closer look at the same scene: nothing to hold on to, no names of its own
    this.root = tag(host, "section", loupe ? { class: "roi-panel roi-loupe", "aria-hidden": "true" }
                                           : { class: "roi-panel", "data-testid": "roi-stage" });
    this.title = tag(this.root, "h3", { class: "roi-caption" });
    this.readout = tag(this.title, "span", { class: "roi-readout", "aria-hidden": "true" });
    this.svg = tag(this.root, "svg", { class: "roi-map", role: "group" });
    this.layers = {};
    for (const name of [
      ...["map", "gradient", "bin", "focus", "area", "part", "split", "reach", "square", "read", "snapped", "asked", "neighbor", "landed"],
      ...["sample", "number", "value", "error", "slope", "lerp_x", "lerp_y", "grip"],
    ]) this.layers[name] = tag(this.svg, "g", { class: `roi-layer roi-${name}`, "data-role": name });
    this.pools = {
      bin: this.rectangles("bin"), area: this.labelledRectangles("area"), read: this.rectangles("read"),
      snapped: this.rectangles("snapped"), reach: this.rectangles("reach"), square: this.rectangles("square"),
      part: this.lines("part"), split: this.lines("split"),
      neighbor: new Pool(this.layers.neighbor, (g) => {
        const root = tag(g, "g");
        return { root, frame: tag(root, "rect", { rx: 4 }), line: tag(root, "line"), disc: tag(root, "circle") };
      }),
      sample: new Pool(this.layers.sample, (g) => {
        const root = tag(g, "g", { class: "roi-sample" });
        return { root, halo: tag(root, "path", { class: "roi-halo", d: "M-1-1L1 1M1-1L-1 1" }),
                 cross: tag(root, "path", { class: "roi-cross", d: "M-1-1L1 1M1-1L-1 1" }),
                 ring: tag(root, "rect", { class: "roi-winner", x: -46, y: -46, width: 92, height: 92, rx: 6 }) };
      }),
      value: new Pool(this.layers.value, (g) => tag(g, "text", { class: "roi-value" })),
      gradient: this.rectangles("gradient"), landed: new Pool(this.layers.landed, (g) => tag(g, "text", { dy: "0.35em" })), error: this.arrows("error"), slope: this.arrows("slope"),
      lerp_x: this.dots("lerp_x"), lerp_y: this.dots("lerp_y"),
    };
    this.cells = [];
    this.numbers = [];
    if (loupe) this.layers.value.before(this.layers.sample); // over the numbers, which stay in their corners here
    if (!loupe) this.makeGrips();
    if (!loupe && stage.kind !== "quiz") this.listen();
    new ResizeObserver(() => this.resize()).observe(this.svg);
  }

  rectangles(role) {
    return new Pool(this.layers[role], (g) => tag(g, "rect"));
  }
  labelledRectangles(role) {
    return new Pool(this.layers[role], (g) => {
      const root = tag(g, "g");
      return { root, rect: tag(root, "rect"), text: tag(root, "text", { dy: "0.35em" }) };
    });
  }
  arrows(role) {
    return new Pool(this.layers[role], (g) => {
      const root = tag(g, "g");
      return { root, line: tag(root, "line"), head: tag(root, "path", { d: "M0 0L-9-6L-9 6Z" }),
               pill: tag(root, "rect", { rx: 9, height: 18 }), text: tag(root, "text", { dy: "0.35em" }) };
    });
  }
  lines(role) {
    return new Pool(this.layers[role], (g) => tag(g, "line"));
  }
  dots(role) {
    return new Pool(this.layers[role], (g) => {
      const root = tag(g, "g");
      return { root, dot: tag(root, "circle"), pill: tag(root, "rect", { rx: 9, height: 20, y: -10 }),
               text: tag(root, "text", { dy: "0.35em" }) };
    });
  }

  makeGrips() {
    const { words } = this.stage;
    if (this.stage.kind === "point") {
      this.mover = tag(this.layers.grip, "g", { class: "roi-grip", tabindex: 0, role: "slider", "data-grip": "point",
                                                "data-testid": "point-move", "aria-label": words.grip_point });
      tag(this.mover, "circle", { r: 22, class: "roi-hit" });
      return;
    }
    this.frame = tag(this.layers.asked, "rect", { class: "roi-frame" });
    if (this.stage.kind === "quiz") return; // the box of a question stands
    this.mover = tag(this.layers.grip, "rect", { class: "roi-mover", tabindex: 0, role: "slider", "data-grip": "move",
                                                 "data-testid": "box-move", "aria-label": words.grip_move });
    this.grips = {};
    for (const name in HANDLES) {
      const grip = tag(this.layers.grip, "g", { class: `roi-grip roi-grip-${name}`, tabindex: 0, role: "slider",
        "data-grip": name, "data-testid": `box-${name}`, "aria-label": words[`grip_${name}`] });
      tag(grip, "rect", { x: -11, y: -11, width: 22, height: 22, class: "roi-hit" });
      tag(grip, "rect", { x: -4.5, y: -4.5, width: 9, height: 9, rx: 2, class: "roi-knob" });
      this.grips[name] = grip;
    }
  }

  // ---- what stays -----------------------------------------------------------------------------------------------

  setExtent(extent) {
    if (String(extent) === String(this.extent)) return;
    this.extent = extent;
    const [x1, y1, x2, y2] = extent.map((side) => side * CELL);
    set(this.svg, { viewBox: `${x1} ${y1} ${x2 - x1} ${y2 - y1}` });
    this.svg.style.setProperty("--ratio", (x2 - x1) / (y2 - y1));
    if (this.loupe) this.spread();
  }

  /** In the closer look each number goes to the outer corner of its cell: the areas are in the middle. */
  spread() {
    const left = Math.round(this.extent[0]), top = Math.round(this.extent[1]);
    this.numbers.forEach((text, k) => {
      const row = Math.floor(k / this.still.columns), column = k % this.still.columns;
      set(text, { x: column * CELL + (column > left ? 93 : 7), y: row * CELL + (row > top ? 94 : 6),
                  "text-anchor": column > left ? "end" : "start",
                  "dominant-baseline": row > top ? "text-after-edge" : "text-before-edge" });
    });
  }

  setStill(still) {
    this.still = still;
    this.moving = this.marks = null; // what lay on the map before does not lie on this one
    this.setExtent(still.extent);
    set(this.svg, { "aria-label": still.label });
    this.title.firstChild === this.readout || this.title.firstChild.remove();
    this.title.prepend(still.caption);
    const labels = still.labels.split(" ");
    const levels = still.levels.split(" ");
    const { rows, columns } = still;
    this.labels = labels;
    this.levels = levels;
    this.layers.map.replaceChildren();
    if (still.image) {
      const [width, height] = still.image_size;
      tag(this.layers.map, "image", { href: still.image, x: 0, y: 0, width: width * CELL, height: height * CELL,
                                      preserveAspectRatio: "none" });
    }
    this.layers.number.replaceChildren();
    this.cells = [];
    this.numbers = [];
    this.dodged = [];
    if (still.picture) this.drawPicture(still);
    for (let row = 0; row < (still.image || still.picture ? 0 : rows); row++) {
      for (let column = 0; column < columns; column++) {
        const k = row * columns + column;
        const cell = tag(this.layers.map, "rect", { x: column * CELL, y: row * CELL, width: CELL, height: CELL });
        if (!this.loupe) cell.setAttribute("data-testid", `map-${row}-${column}`);
        cell.style.fill = this.stage.cellColor(levels[k]);
        tag(cell, "desc", {}, labels[k]);
        this.cells.push(cell);
        if (!still.numbered && !this.loupe) continue;
        const text = tag(this.layers.number, "text", { x: column * CELL + 7, y: row * CELL + 6, "aria-hidden": "true", "dominant-baseline": "text-before-edge",
          "font-size": (this.loupe ? 15 : this.stage.kind === "pair" || this.stage.still.presenting ? 31 : 25) * Math.min(1, 5 / labels[k].length) }, labels[k]);
        text.style.fill = this.stage.numberColor(levels[k]);
        text.style.stroke = this.stage.cellColor(levels[k]);
        this.numbers.push(text);
      }
    }
    this.root.classList.toggle("roi-fine", !still.numbered);
    if (this.loupe) this.spread();
    this.resize();
  }

  /** A map of very many cells: its levels are the opacity of one picture, its colours are the theme's. */
  drawPicture({ picture, rows, columns }) {
    const whole = { x: 0, y: 0, width: columns * CELL, height: rows * CELL };
    const id = `roi-levels-${this.stage.panels.indexOf(this)}`;
    const mask = tag(this.layers.map, "mask", { id, style: "mask-type: alpha" });
    tag(mask, "image", { ...whole, href: picture, preserveAspectRatio: "none", style: "image-rendering: pixelated" });
    tag(this.layers.map, "rect", { ...whole, "data-testid": "map-0-0" }).style.fill = this.stage.cellColor("0");
    tag(this.layers.map, "rect", { ...whole, mask: `url(#${id})` }).style.fill = this.stage.cellColor("100");
  }

  resize() {
    const width = this.svg.clientWidth;
    if (!width || !this.extent) return;
    this.measure(width);
    if (this.moving) this.draw();
    this.drawBox();
  }

  /** Drawing units a pixel of the design: --k makes everything larger on a large screen. */
  measure(width) {
    const larger = parseFloat(getComputedStyle(this.root).getPropertyValue("--k")) || 1;
    this.unit = (((this.extent[2] - this.extent[0]) * CELL) / width) * larger;
  }

  // ---- what moves -----------------------------------------------------------------------------------------------

  setMoving(moving) {
    this.moving = moving;
    if (moving.extent) {
      this.setExtent(moving.extent);
      if (!this.unit) this.measure(this.svg.clientWidth || 1);
    }
    this.marks = {
      bin: table(moving.bin), area: table(moving.area), read: table(moving.read), snapped: table(moving.snapped),
      reach: table(moving.reach), square: table(moving.square), dodge: table(moving.dodge),
      part: (moving.part ?? ",,").split(",").map(numbers), split: (moving.split ?? ",,").split(",").map(numbers),
      ...Object.fromEntries(["error", "slope", "gradient"].map((role) =>
        [role, moving[role] ? moving[role].split(",").map((one) => one.split(" ")) : []])),
      lerp_x: table(moving.lerp_x), lerp_y: table(moving.lerp_y),
      samples: this.unpack(moving.samples),
    };
    this.draw();
  }

  unpack(packed) {
    if (!packed) return [];
    const ys = table(packed.y), xs = table(packed.x);
    const pick = (text, rows, k) => {
      const width = rows.length > 36 ? 2 : 1;
      return rows[parseInt(text.slice(k * width, (k + 1) * width), 36)];
    };
    const values = packed.values ? packed.values.split(" ") : null;
    const wins = new Set(numbers(packed.wins));
    const samples = [];
    let k = 0;
    for (const [row, column, many] of table(packed.bin)) {
      for (let place = 0; place < many; place++, k++) {
        const [y, top, bottom] = pick(packed.y_at, ys, k);
        const [x, left, right] = pick(packed.x_at, xs, k);
        const weights = packed.weights
          ? [0, 1, 2, 3].map((n) => parseInt(packed.weights.slice(k * 8 + n * 2, k * 8 + n * 2 + 2), 36)) : null;
        samples.push({ k: (packed.first ?? 0) + k, row, column, place, many, y, x, weights, value: values?.[k],
                       wins: wins.has(k), cells: [[top, left], [top, right], [bottom, left], [bottom, right]] });
      }
    }
    samples.interpolated = !packed.whole;
    return samples;
  }

  draw() {
    const { marks, pools, unit } = this;
    if (!marks || !unit) return;
    const [x1, y1, x2, y2] = this.extent.map((side) => side * CELL);
    const place = (node, [left, top, right, bottom]) => set(node, { x: left * CELL, y: top * CELL,
      width: Math.max(right - left, 0) * CELL, height: Math.max(bottom - top, 0) * CELL });
    const columns = this.moving.output_columns ?? 1;
    pools.bin.draw(marks.bin, (node, box, k) => {
      place(node, box);
      set(node, { "data-testid": `bin-${Math.floor(k / columns)}-${k % columns}` });
    });
    for (const role of ["read", "snapped", "reach", "square"]) pools[role].draw(marks[role], place);
    const areaLabels = (this.moving.area_labels ?? "").split("|");
    pools.area.draw(marks.area, (node, box, k) => {
      place(node.rect, box);
      if (!this.loupe) return;
      say(node.text, areaLabels[k]);
      const [left, top, right, bottom] = box.map((side) => side * CELL), wide = 36 * unit, tall = 20 * unit; // clear of the ×
      set(node.text, { x: k % 2 ? Math.min((left + right) / 2, right - wide) : Math.max((left + right) / 2, left + wide),
                       y: k < 2 ? Math.max((top + bottom) / 2, top + tall) : Math.min((top + bottom) / 2, bottom - tall),
                       "font-size": 16 * unit, "stroke-width": 4 * unit, visibility: Number(areaLabels[k]) ? "visible" : "hidden" });
    });
    for (const role of ["part", "split"]) {
      const [region, ys, xs] = marks[role];
      const ends = [...ys.map((y) => [region[0], y, region[2], y]), ...xs.map((x) => [x, region[1], x, region[3]])];
      pools[role].draw(ends, (node, [ax, ay, bx, by]) =>
        set(node, { x1: ax * CELL, y1: ay * CELL, x2: bx * CELL, y2: by * CELL }));
    }
    this.drawSamples();
    this.drawFocus();
    pools.gradient.draw(marks.gradient, (node, [row, column, level]) =>
      set(node, { x: column * CELL, y: row * CELL, width: CELL, height: CELL, "fill-opacity": 0.15 + level * 0.0085 }));
    pools.landed.draw(marks.gradient, (node, [row, column, , label]) => { // over the lines
      set(node, { x: column * CELL + CELL / 2, y: row * CELL + CELL / 2, "font-size": 31 * Math.min(1, 5 / label.length),
                  visibility: this.still.numbered ? "visible" : "hidden" });
      say(node, label);
    });
    for (const role of ["error", "slope"]) pools[role].draw(marks[role], (node, [side, ax, ay, bx, by, label]) => {
      const [fx, fy, tx, ty] = [ax, ay, bx, by].map((value) => value * CELL);
      set(node.line, { x1: fx, y1: fy, x2: tx, y2: ty });
      const turn = side[0] === "x" ? (tx > fx ? 0 : 180) : ty > fy ? 90 : -90;
      const length = Math.abs(tx - fx) + Math.abs(ty - fy);
      set(node.head, { transform: `translate(${tx} ${ty}) rotate(${turn}) scale(${Math.min(unit, length / 9)})` });
      const half = 24 * unit, tall = 10 * unit, gap = 5 * unit;
      const before = [Math.min(fx, tx) - gap - half, Math.min(fy, ty) - gap - tall];
      const after = [Math.max(fx, tx) + gap + half, Math.max(fy, ty) + gap + tall];
      let cx = fx, cy = fy; // outside the box where there is room, else inside
      if (side === "x1") cx = before[0] - half > x1 ? before[0] : after[0];
      if (side === "x2") cx = after[0] + half < x2 ? after[0] : before[0];
      if (side === "y1") cy = before[1] - tall > y1 ? before[1] : after[1];
      if (side === "y2") cy = after[1] + tall < y2 ? after[1] : before[1];
      const wide = 13 + label.length * 7; // px
      set(node.pill, { x: -wide / 2, y: -9, width: wide, transform: `translate(${cx} ${cy}) scale(${unit})` });
      set(node.text, { x: cx, y: cy, "font-size": 13 * unit });
      say(node.text, label);
    });
    for (const role of ["lerp_x", "lerp_y"]) {
      const labels = (this.moving[`${role}_labels`] ?? "").split("|");
      pools[role].draw(marks[role], (node, [x, y], k) => {
        set(node.root, { transform: `translate(${x * CELL} ${y * CELL}) scale(${unit * (this.loupe ? 1.35 : 1)})` });
        set(node.dot, { r: 6 });
        if (!this.loupe) return;
        const wide = 8 + labels[k].length * 7.6, start = role === "lerp_x" ? 12 : -12 - wide; // two that are close stand apart
        set(node.pill, { x: start, width: wide });
        set(node.text, { x: start + 4, "font-size": 13 });
        say(node.text, labels[k]);
      });
    }
    this.drawDodge();
  }

  drawDodge() {
    if (!this.numbers.length || this.loupe) return;
    const { columns } = this.still;
    const now = this.marks.dodge.map(([row, column]) => row * columns + column);
    for (const k of this.dodged) if (!now.includes(k)) this.numbers[k].classList.remove("roi-low");
    for (const k of now) this.numbers[k].classList.add("roi-low");
    this.dodged = now;
  }

  drawSamples() {
    const { samples } = this.marks;
    const cell = CELL / this.unit; // pixels
    const gaps = (at) => {
      const sorted = [...new Set(samples.map(at))].sort((a, b) => a - b);
      return sorted.slice(1).map((value, k) => value - sorted[k]).filter((gap) => gap > 0.001);
    };
    const least = Math.min(1, ...gaps((s) => s.y), ...gaps((s) => s.x));
    const arm = clamp(least * cell * 0.28, 1.5, Math.min(this.loupe ? 12 : 7, Math.max(cell * 0.15, 5))) * this.unit;
    this.layers.sample.style.setProperty("--arm", arm / this.unit);
    const drawn = samples.interpolated === false ? samples.filter((s) => s.wins) : samples;
    this.pools.sample.draw(drawn, (node, sample) => {
      set(node.root, { transform: `translate(${sample.x * CELL} ${sample.y * CELL})`,
                       "data-testid": `sample-${sample.k}` });
      const cross = samples.interpolated !== false;
      if (node.isCross !== cross) {
        node.isCross = cross;
        node.halo.style.display = node.cross.style.display = cross ? "" : "none";
        node.ring.style.display = cross ? "none" : "";
      }
      if (cross) {
        set(node.halo, { transform: `scale(${arm})` });
        set(node.cross, { transform: `scale(${arm})` });
      }
    });
    const legible = samples.interpolated !== false && least * cell > 34;
    this.pools.value.draw(legible ? samples : [], (node, sample) => {
      set(node, { x: sample.x * CELL, y: sample.y * CELL + arm + 3 * this.unit, "font-size": (this.loupe ? 22 : 12.5) * this.unit, "stroke-width": 4 * this.unit });
      say(node, sample.value);
    });
  }

  /** The bin, the samples and the neighbours that are looked at: from data already here. */
  drawFocus() {
    const { row, column, sample } = this.stage.focus;
    const { samples, bin } = this.marks;
    const columns = this.moving.output_columns ?? 1;
    const box = this.stage.kind === "point" ? null : bin[row * columns + column];
    if (box) {
      this.lit ??= tag(this.layers.focus, "rect");
      set(this.lit, { x: box[0] * CELL, y: box[1] * CELL, width: Math.max(box[2] - box[0], 0) * CELL,
                      height: Math.max(box[3] - box[1], 0) * CELL });
    }
    const mine = samples.filter((s) => s.row === row && s.column === column);
    const chosen = mine[Math.min(sample, mine.length - 1)];
    this.chosen = chosen;
    this.mine = mine;
    samples.forEach((s, k) => {
      const node = this.pools.sample.nodes[k];
      if (samples.interpolated !== false) node?.root.classList.toggle("roi-chosen", s === chosen);
    });
    const around = chosen?.weights
      ? chosen.cells.map((cell, n) => ({ cell, weight: chosen.weights[n] })).filter(({ weight }) => weight > 0) : [];
    this.pools.neighbor.draw(around, (node, { cell: [r, c], weight }) => {
      const x = c * CELL, y = r * CELL;
      set(node.frame, { x: x + 3, y: y + 3, width: CELL - 6, height: CELL - 6 });
      set(node.line, { x1: x + 50, y1: y + 50, x2: chosen.x * CELL, y2: chosen.y * CELL });
      set(node.disc, { cx: x + 50, cy: y + 50, r: 50 * Math.sqrt(weight / 1000 / Math.PI) });
    });
    this.output?.querySelectorAll("button").forEach((button, k) =>
      button.classList.toggle("roi-looked", k === row * columns + column));
  }

  drawBox() {
    const { unit } = this;
    if (!unit || this.loupe) return;
    if (this.stage.kind === "point") {
      const [y, x] = this.stage.point;
      set(this.mover, { transform: `translate(${x * CELL} ${y * CELL}) scale(${unit})`,
                        "aria-valuetext": `y ${y.toFixed(2)}, x ${x.toFixed(2)}`, "aria-valuenow": x.toFixed(2) });
      return;
    }
    const [x1, y1, x2, y2] = this.stage.box;
    const where = { x: x1 * CELL, y: y1 * CELL, width: (x2 - x1) * CELL, height: (y2 - y1) * CELL };
    set(this.frame, where);
    if (!this.mover) return;
    set(this.mover, { ...where, "aria-valuenow": x1.toFixed(2),
                      "aria-valuetext": `x1 ${x1.toFixed(2)}, y1 ${y1.toFixed(2)}, x2 ${x2.toFixed(2)}, y2 ${y2.toFixed(2)}` });
    for (const [name, [across, down]] of Object.entries(HANDLES)) {
      const x = x1 + (x2 - x1) * across, y = y1 + (y2 - y1) * down;
      const size = Math.min(1, Math.max(0.5, Math.min(x2 - x1, y2 - y1) * CELL / unit / 40));
      set(this.grips[name], { transform: `translate(${x * CELL} ${y * CELL}) scale(${unit * size})`,
                              "aria-valuenow": (across === 0.5 ? y : x).toFixed(2),
                              "aria-valuetext": `x ${x.toFixed(2)}, y ${y.toFixed(2)}` });
    }
  }

  setEmphasis(emphasis) {
    for (const role in this.layers) {
      const named = { number: "map", grip: "asked", landed: "gradient" }[role] ?? role;
      let value = emphasis[named] ?? "hidden";
      if (role === "sample" && this.stage.kind === "point") value = emphasis.point ?? "shown";
      if (role === "grip") value = "shown";
      if (this.layers[role].dataset.emphasis !== value) this.layers[role].dataset.emphasis = value;
    }
    if (this.output) this.output.dataset.emphasis = emphasis.output ?? "shown";
  }

  // ---- the output -----------------------------------------------------------------------------------------------

  drawOutput(host) {
    if (!this.moving.output) return;
    const values = this.moving.output.split(" "), levels = this.moving.output_levels.split(" ");
    const columns = this.moving.output_columns;
    if (!this.output) {
      this.outputCaption = tag(host, "h3", { class: "roi-caption" });
      this.output = tag(host, "div", { class: "roi-output", role: "group" });
      this.output.addEventListener("pointerleave", () => this.stage.look(null));
    }
    say(this.outputCaption, this.still.output_caption);
    set(this.output, { "aria-label": this.still.output_caption });
    if (this.output.children.length !== values.length || this.columns !== columns) {
      this.columns = columns;
      this.output.replaceChildren();
      this.output.style.setProperty("--columns", columns);
      this.output.style.setProperty("--rows", values.length / columns);
      values.forEach((_, k) => {
        const row = Math.floor(k / columns), column = k % columns;
        const button = tag(this.output, "button", { type: "button", "data-testid": `output-${row}-${column}` });
        const place = () => ({ row, column, sample: this.stage.focus.sample });
        button.addEventListener("pointerenter", () => this.stage.look(place()));
        button.addEventListener("focus", () => this.stage.look(place()));
        button.addEventListener("blur", () => this.stage.look(null));
        button.addEventListener("click", () => this.stage.pin(place()));
      });
      const { row, column } = this.stage.focus;
      this.output.children[row * columns + column]?.classList.add("roi-looked");
    }
    const longest = Math.max(...values.map((value) => value.length));
    this.output.style.setProperty("--longest", longest);
    values.forEach((value, k) => {
      const button = this.output.children[k];
      if (button.textContent !== value) {
        button.textContent = value;
        button.setAttribute("aria-label", fill(this.stage.words.output_cell,
          { row: Math.floor(k / columns), column: k % columns, value }));
      }
      if (button.level !== levels[k]) {
        button.level = levels[k];
        button.style.background = this.stage.cellColor(levels[k]);
        button.style.color = this.stage.numberColor(levels[k]);
      }
    });
  }

  // ---- pointer and keyboard -------------------------------------------------------------------------------------

  /** Where on the map an event is. Asking for the place of the picture makes the browser lay out: once a drag. */
  cellsAt(event) {
    if (!this.place) {
      this.place = this.svg.getBoundingClientRect();
      if (!this.held) setTimeout(() => (this.place = null));
    }
    const box = this.place;
    const [x1, y1, x2, y2] = this.extent;
    return [x1 + ((event.clientX - box.left) / box.width) * (x2 - x1),
            y1 + ((event.clientY - box.top) / box.height) * (y2 - y1)];
  }

  listen() {
    const { svg, stage } = this;
    let drag = null;
    svg.addEventListener("pointerdown", (event) => {
      const grip = event.target.closest("[data-grip]")?.dataset.grip ?? (stage.kind === "point" ? "point" : null);
      if (!grip || event.button || drag) return; // a second finger does not take over
      event.preventDefault();
      svg.setPointerCapture(event.pointerId);
      this.place = null;
      this.held = true; // while something is held the picture does not move
      event.target.closest("[data-grip]")?.focus({ preventScroll: true });
      drag = { grip, finger: event.pointerId, from: this.cellsAt(event), box: [...(stage.box ?? [])], moved: false };
      if (grip === "point") stage.movePoint(drag.from);
    });
    // A finger on the box drags it; one beside it scrolls the page.
    svg.addEventListener("touchstart", (event) => {
      if (event.cancelable && event.target.closest("[data-grip]")) event.preventDefault();
    }, { passive: false });
    svg.addEventListener("pointermove", (event) => {
      if (drag && event.pointerId !== drag.finger) return;
      const at = this.cellsAt(event);
      this.read(at);
      if (!drag) return this.lookAt(at);
      const dx = at[0] - drag.from[0], dy = at[1] - drag.from[1];
      if (!drag.moved && Math.hypot(dx, dy) * CELL / this.unit < 2) return;
      if (!drag.moved && this.isUnderOneHandle(drag.box)) drag.grip = (dy < 0 ? "n" : "s") + (dx < 0 ? "w" : "e");
      drag.moved = true;
      stage.root.classList.add("roi-dragging");
      if (drag.grip === "point") stage.movePoint(at);
      else stage.moveBox(drag.grip, drag.box, dx, dy);
    });
    const end = (event) => {
      if (!drag) return void (event.type === "pointerup" && this.hovered && stage.pin(this.hovered));
      if (event.pointerId !== drag.finger) return;
      const { moved, grip } = drag;
      drag = this.place = null;
      this.held = false;
      stage.root.classList.remove("roi-dragging");
      if (moved || grip === "point") stage.commit();
      else if (this.hovered) stage.pin(this.hovered);
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    svg.addEventListener("pointerleave", () => {
      say(this.readout, "");
      if (!drag && this.hovered) stage.look((this.hovered = null));
    });
    svg.addEventListener("keydown", (event) => {
      const grip = event.target.closest("[data-grip]")?.dataset.grip;
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!grip || !step) return;
      event.preventDefault();
      event.stopPropagation();
      const by = event.altKey ? 0.01 : 0.05;
      if (grip === "point") {
        const [y, x] = stage.point;
        stage.movePoint([x + step[0] * by, y + step[1] * by]);
      } else {
        stage.moveBox(event.shiftKey && grip === "move" ? "se" : grip, stage.box, step[0] * by, step[1] * by);
      }
    });
    svg.addEventListener("keyup", (event) => {
      if (event.key.startsWith("Arrow") && event.target.closest("[data-grip]")) stage.commit();
    });
  }

  /** Is a box so small that its handles lie on top of one another? It grows to where it is pulled. A point has none. */
  isUnderOneHandle([x1, y1, x2, y2]) {
    return (Math.max(x2 - x1, y2 - y1) * CELL) / this.unit < ONE_HANDLE;
  }

  /** The number under the pointer, where cells are too small to show theirs. */
  read([x, y]) {
    if (!this.still || this.still.numbered || this.still.image) return;
    const row = Math.floor(y), column = Math.floor(x), { rows, columns } = this.still;
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    say(this.readout, inside ? ` (${row}, ${column}) = ${this.labels[row * columns + column]}` : "");
  }

  /** A × under the pointer is looked at like an output cell. */
  lookAt([x, y]) {
    const { samples } = this.marks ?? {};
    if (!samples?.length || samples.interpolated === false || this.stage.kind === "point") return;
    if (this.layers.sample.dataset.emphasis === "hidden") return;
    const reach = (10 * this.unit) / CELL;
    const near = samples.find((s) => Math.abs(s.x - x) < reach && Math.abs(s.y - y) < reach);
    const now = near ? { row: near.row, column: near.column, sample: near.place } : null;
    if (now?.row === this.hovered?.row && now?.column === this.hovered?.column && now?.sample === this.hovered?.sample) return;
    this.hovered = now;
    this.stage.look(now);
  }
}

/** What every output does while one side of the box moves: Python's lines, and the side to take hold of. */
class Chart {
  constructor(stage, host, words) {
    this.stage = stage;
    this.root = tag(host, "section", { class: "roi-chart", "data-testid": "sweep" });
    const legend = tag(this.root, "h3", { class: "roi-caption" });
    for (const name of ["pool", "align"]) tag(legend, "b", { class: `roi-key-${name}` }, words[name]);
    this.plot = tag(this.root, "div", { class: "roi-plot" });
    this.ticks = tag(this.plot, "div", { "aria-hidden": "true" });
    this.svg = tag(this.plot, "svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none", role: "img", "aria-label": words.label });
    this.grid = tag(this.svg, "path", { class: "roi-gridlines" });
    const lines = (name) => new Pool(tag(this.svg, "g", { class: `roi-line-${name}` }), (g, k) =>
      tag(g, "path", { "data-testid": `sweep-${name}-${k}` }));
    this.lines = { pool: lines("pool"), align: lines("align") };
    this.marker = tag(this.svg, "line", { class: "roi-marker", y1: 0, y2: 1000 });
    tag(this.plot, "span", { class: "roi-side-name" });
    let held = null;
    this.svg.addEventListener("pointerdown", (event) => {
      if (event.button || held !== null) return;
      held = event.pointerId;
      this.svg.setPointerCapture(held);
      this.box = this.svg.getBoundingClientRect();
      this.follow(event);
    });
    this.svg.addEventListener("pointermove", (event) => event.pointerId === held && this.follow(event));
    const end = (event) => {
      if (event.pointerId !== held) return;
      held = null;
      stage.commit();
    };
    this.svg.addEventListener("pointerup", end);
    this.svg.addEventListener("pointercancel", end);
  }

  follow({ clientX }) {
    const { side, across: [first, last] } = this.stage.data.sweep;
    const share = clamp((clientX - this.box.left) / this.box.width, 0, 1);
    const most = last < this.stage.limits[side][1] ? last - 0.01 : last; // the end belongs to the next two cells
    this.stage.slide(side, toHundredth(Math.min(first + share * (last - first), most)));
  }

  draw(sweep, focused) {
    const two = (text, k) => parseInt(text.slice(k, k + 2), 36);
    const down = (height) => ((1295 - height) / 1.295).toFixed(1);
    const pool = (line) => {
      let path = `M0 ${down(two(line, 2))}`;
      for (let k = 4; k < line.length; k += 4) path += `H${(two(line, k) * 2.5).toFixed(1)}V${down(two(line, k + 2))}`;
      return `${path}H1000`;
    };
    const align = (line) => {
      let path = "";
      for (let k = 0; k < line.length; k += 2) path += `${k ? "L" : "M"}${(k * 1.25).toFixed(1)} ${down(two(line, k))}`;
      return path;
    };
    for (const [name, path] of [["pool", pool], ["align", align]]) {
      this.lines[name].draw(sweep[name].split(","), (node, line, k) => {
        if (node.line !== line) {
          node.line = line;
          node.setAttribute("d", path(line));
        }
        set(node, { class: k === focused ? "roi-looked" : "" });
      });
    }
    const said = JSON.stringify([sweep.x, sweep.y]);
    if (this.said !== said) {
      this.said = said;
      this.ticks.replaceChildren();
      for (const [label, at] of sweep.x) tag(this.ticks, "span", { class: "roi-tick-x", style: `left: ${at * 100}%` }, label);
      for (const [label, at] of sweep.y) tag(this.ticks, "span", { class: "roi-tick-y", style: `bottom: ${at * 100}%` }, label);
      set(this.grid, { d: sweep.x.map(([, at]) => `M${at * 1000} 0V1000`).join("") + sweep.y.map(([, at]) => `M0 ${1000 - at * 1000}H1000`).join("") });
    }
    const name = this.plot.lastChild;
    say(name, sweep.side);
    name.style.left = `${sweep.at * 100}%`;
    set(this.marker, { x1: sweep.at * 1000, x2: sweep.at * 1000 });
  }
}

/** Panels, sliders, the step rail, the words: all that stands on one page. */
class Stage {
  constructor(host, kind) {
    this.host = host;
    this.kind = kind;
    this.root = tag(host, "div", { class: `roi roi-${kind}` });
    this.sequence = 0;
    this.flying = null;
    this.waiting = null;
    this.panels = [];
    this.focus = { row: 0, column: 0, sample: 0 };
    this.keys = (event) => this.onKey(event);
    document.addEventListener("keydown", this.keys);
  }

  destroy() {
    document.removeEventListener("keydown", this.keys);
    clearTimeout(this.watchdog);
    clearTimeout(this.linger);
    clearInterval(this.playing);
    this.root.remove();
  }

  cellColor(level) {
    if (level === "-") return "transparent";
    const { low, high } = this.inks;
    return `color-mix(in srgb, light-dark(${high[0]}, ${high[1]}) ${level}%, light-dark(${low[0]}, ${low[1]}))`;
  }
  numberColor(level) {
    const { on_low, on_high, switch_level } = this.inks;
    const pick = (theme) => (level !== "-" && Number(level) >= switch_level[theme] ? on_high : on_low)[theme];
    return `light-dark(${pick(0)}, ${pick(1)})`;
  }

  // ---- talking with Python --------------------------------------------------------------------------------------

  /** Say what a person did. One request in flight; what comes meanwhile is merged, and the latest wins. */
  report(what) {
    const { set } = this.waiting ?? {};
    this.waiting = { ...this.waiting, ...what };
    if (set && what.set) this.waiting.set = { ...set, ...what.set };
    if (this.flying === null) this.send();
  }

  send() {
    if (!this.waiting) return;
    const what = this.waiting;
    this.waiting = null;
    const seq = (this.flying = ++this.sequence);
    // Where the box is goes with everything: what was dragged over the road is kept when the next event is.
    const place = this.kind === "point" ? { point: this.point } : this.kind === "quiz" ? {} : { box: this.box };
    const event = { ...(this.still ? place : {}), ...what, seq, have: this.stillId ?? null };
    const byRoad = road.ready && this.address && this.refusals < REFUSALS && Object.keys(what).every((name) => ONLY_LOOKED_AT.has(name));
    clearTimeout(this.watchdog);
    if (what.page) this.watchdog = setTimeout(() => this.follow(), LEFT_AFTER);
    else this.watchdog = setTimeout(() => this.askAgain(what, byRoad), LOST_AFTER * 2 ** Math.min(what.again ?? 0, 2));
    if (byRoad) road.ask(this, { page: this.still.page, address: this.address, focus: this.focus, ...event });
    else this.tell("event", event);
  }

  /** No answer came. */
  askAgain(what, byRoad) {
    this.flying = null;
    if (byRoad) this.refusals++;
    else wholePage("anew", this.sequence); // it may be another process by now, which does not know this stage
    const { box, point, ...rest } = what;
    const again = (what.again ?? 0) + 1;
    if (again < TRIES) this.report({ ...rest, ...this.waiting, again });
    else this.send();
  }

  /** To another page, by Python, which takes along what is looked at. */
  leave(page, href, more) {
    this.href = href;
    this.report({ page, ...more });
  }

  /**
   * Follow the link as any other, when a server is there. Nothing is asked of this page again: Python may already be on
   * the next one, of which the browser has not heard, and would come back.
   */
  async follow() {
    const left = this.flying, { href } = this;
    const there = await fetch(href).catch(() => null);
    if (this.flying !== left || !this.root.isConnected) return;
    if (there?.ok) location.assign(href);
    else this.watchdog = setTimeout(() => this.follow(), LOST_AFTER);
  }

  /** An answer over the road. */
  answered(data) {
    if (data.ack !== this.flying) return;
    if (!data.refused) {
      this.refusals = 0;
      return this.take(data);
    }
    this.refusals++;
    this.flying = null;
    this.report({ again: 1, focus: this.focus, ...this.waiting });
  }

  /**
   * An answer of Streamlit. It also comes again as it was, when the page draws itself anew: numbers of another box than
   * the one on the screen, when that one is still on its way to Python.
   */
  receive(data, tell) {
    this.tell = tell;
    this.address = data.address;
    if (data.still) stills.set(data.still_id, data.still);
    if (this.data && data.ack < this.data.ack && data.still_id === this.stillId && this.underWay) return;
    this.take(data);
    if (this.still) this.drawLinks();
  }

  /** Whether what is on the screen is still on its way to Python. */
  get underWay() {
    return this.flying !== null || this.waiting !== null || this.dragging;
  }

  get dragging() {
    return this.root.classList.contains("roi-dragging");
  }

  take(data) {
    this.host.dataset.ack = data.ack ?? "";
    const still = stills.get(data.still_id);
    if (this.flying !== null && data.ack === this.flying) {
      this.flying = null;
      clearTimeout(this.watchdog);
    }
    if (data.ack > this.sequence) this.sequence = data.ack;
    if (!still) return void this.report({ lost: true });
    const busy = this.underWay || this.linger;
    if (this.stillId !== data.still_id) this.setStill(still, data);
    if (!busy || !this.data) {
      this.box = data.box;
      this.point = data.point;
      const place = ([row, column, sample]) => ({ row, column, sample });
      this.focus = place(data.focus);
      this.pinned = place(data.pinned ?? data.focus);
      this.step = data.step;
    }
    this.data = data;
    this.draw();
    if (this.wantsFigure) this.receiveFigure(data);
    if (data.share && this.dialog?.isConnected) {
      this.code.src = data.share.code;
      this.link.value = data.share.link;
    }
    this.send_soon();
  }

  send_soon() {
    if (this.flying === null && this.waiting) this.send();
  }

  setStill(still, data) {
    this.stillId = data.still_id;
    this.still = still;
    this.refusals = 0;
    this.words = still.words;
    this.inks = still.inks;
    this.limits = still.limits;
    this.box ??= data.box;
    this.point ??= data.point;
    this.step ??= data.step;
    const view = JSON.stringify([still.words.language, still.left_out, still.presenting]);
    if (this.panels.length !== still.panels.length || this.madeFor !== view) this.build(still, view);
    this.panels.forEach((panel, k) => panel.setStill(still.panels[k]));
    this.drawChoices();
    this.rail?.replaceChildren();
    this.railMade = false;
  }

  // ---- the page -------------------------------------------------------------------------------------------------

  build(still, view) {
    this.madeFor = view;
    this.root.classList.toggle("roi-present", still.presenting);
    for (const part of ["steps", "sliders"]) this.root.classList.toggle(`roi-no-${part}`, still.hidden.includes(part));
    this.root.replaceChildren();
    const { words } = this;
    this.makeBar(still.bar);
    this.controls = [];
    if (this.kind === "plain") return; // a page without a stage
    if (still.steps.length) this.walk = tag(this.root, "nav", { class: "roi-walk", "aria-label": words.steps });
    if (this.walk) {
      const turner = (name, sign, act) => {
        const button = tag(this.walk, "button", { type: "button", class: "roi-turn", "data-testid": `step-${name}`,
                                                  "aria-label": words[name], title: words[name] }, sign);
        button.addEventListener("click", act);
        return button;
      };
      this.first = turner("first", "«", () => this.goTo(this.still.steps[0].key));
      this.back = turner("back", "‹", () => this.turn(-1));
      const track = tag(this.walk, "div", { class: "roi-track" });
      this.rail = tag(track, "ol", { class: "roi-rail" });
      this.stepSlider = tag(track, "input", { type: "range", min: 0, step: 1, class: "roi-step-slider",
                                              "data-testid": "step-slider", "aria-label": words.steps });
      this.stepSlider.addEventListener("input", () => this.goTo(this.still.steps[Number(this.stepSlider.value)].key));
      this.next = turner("next", "›", () => this.turn(1));
      this.last = turner("last", "»", () => this.goTo(this.still.steps.at(-1).key));
      this.player = turner("play", "▶", () => (this.playing ? this.pause() : this.play()));
      this.speed = tag(this.walk, "select", { class: "roi-speed", "data-testid": "step-speed", "aria-label": words.speed, title: words.speed });
      for (const [seconds, label] of [["5", "½×"], ["2.5", "1×"], ["1.25", "2×"]]) tag(this.speed, "option", { value: seconds }, label);
      this.speed.value = "2.5";
      this.drawPlayer();
      this.deeper = turner("deeper", "⋯", () => {
        this.deep = !this.deep;
        this.drawRail();
      });
    }
    const floor = (this.floor = tag(this.root, "div", { class: "roi-floor" }));
    this.panels = still.panels.map((_, k) => {
      const host = tag(floor, "div", { class: "roi-place" });
      return new Panel(this, host, this.kind === "point" && k === 1);
    });
    this.root.classList.toggle("roi-swept", Boolean(still.chart));
    this.root.classList.toggle("roi-three", still.panels.length === 3);
    this.root.classList.toggle("roi-dense", still.controls.length > 9);
    this.chart = still.chart ? new Chart(this, floor, still.chart) : null;
    const side = tag(floor, "div", { class: "roi-side" });
    const outputs = tag(side, "div", { class: "roi-outputs" });
    this.outputs = this.panels.map(() => tag(outputs, "div", { class: "roi-out" }));
    this.sliders = {};
    const sliders = tag(side, "div", { class: "roi-sliders" });
    for (const name of this.kind === "point" ? ["y", "x"] : this.kind === "quiz" ? [] : SIDES) {
      const label = tag(sliders, "label", { class: "roi-slider" });
      tag(label, "span", {}, name);
      const id = this.kind === "point" ? `point-${name}` : `box-${name}`;
      const input = tag(label, "input", { type: "range", step: "0.01", "data-testid": id, "aria-label": words[`slider_${name}`] });
      const shown = tag(label, "output");
      input.addEventListener("input", () => this.slide(name, Number(input.value)));
      input.addEventListener("change", () => this.commit());
      this.sliders[name] = { input, shown };
    }
    this.cost = this.kind === "point" || this.kind === "quiz" ? null : tag(side, "div", { class: "roi-card roi-cost" });
    this.controlBar = tag(this.root, "div", { class: "roi-controls", role: "group", "aria-label": words.controls });
    this.controls = still.controls.map((control) => this.makeControl(control));
    for (const [name, label, address] of still.lessons) {
      const button = tag(this.controlBar, "button", { type: "button", class: "roi-lesson-link", "data-testid": `lesson-${name}` },
        fill(words.go_on, { lesson: label }));
      button.addEventListener("click", () => this.leave(name, `${address}?${this.address}`, { take: true }));
    }
    if (still.figures.length) {
      const figures = tag(this.controlBar, "div", { class: "roi-control roi-figures", role: "group", "aria-label": words.figure });
      tag(figures, "span", { class: "roi-label" }, words.figure);
      const row = tag(figures, "div", { class: "roi-choices" });
      for (const format of still.figures) {
        const button = tag(row, "button", { type: "button", "data-testid": `figure-${format}`,
          title: fill(words.figure_title, { format: format.toUpperCase() }) }, format.toUpperCase());
        button.addEventListener("click", () => {
          this.report({ figure: format });
          this.wantsFigure = true;
        });
      }
      this.figureSaid = tag(figures, "span", { class: "roi-label", role: "status" });
    }
    const talk = (this.talk = tag(floor, "div", { class: "roi-talk", "aria-live": "off" }));
    this.sentence = tag(tag(talk, "div", { class: "roi-card roi-sentence" }), "p");
    this.formula = tag(this.sentence.parentNode, "div", { class: "roi-formula" });
    if (this.kind === "quiz") this.makeQuiz(talk);
    if (this.kind === "lesson" && !still.sampled) {
      this.detail = tag(talk, "div", { class: "roi-card roi-detail" });
      this.detailTitle = tag(this.detail, "h4");
      this.binCells = tag(this.detail, "div", { class: "roi-cells" });
    }
    if (this.kind === "lesson" && still.sampled) {
      this.detail = tag(talk, "div", { class: "roi-card roi-detail" });
      this.detailTitle = tag(this.detail, "h4");
      const both = tag(this.detail, "div", { class: "roi-both" });
      this.rows = tag(both, "div", { class: "roi-weights" });
      this.square = new AreaPicture(tag(both, "svg", { class: "roi-square-picture", viewBox: "-8 -8 116 116", role: "img",
                                                       "aria-label": words.areas }));
      this.weightRows = [0, 1, 2, 3].map(() => {
        const row = tag(this.rows, "div", { class: "roi-weight" });
        return { cell: tag(row, "b", { class: "roi-ink-neighbor" }), bar: tag(tag(row, "i"), "i"), weight: tag(row, "span"),
                 value: tag(row, "span") };
      });
      this.sum = tag(this.rows, "div", { class: "roi-sum" });
      this.joinCard = tag(talk, "div", { class: "roi-card roi-join" });
      this.joinTitle = tag(this.joinCard, "h4", {}, words.join);
      this.joined = tag(this.joinCard, "p", { class: "roi-joined" });
      this.other = tag(this.joinCard, "p", { class: "roi-quiet" });
    }
  }

  /** Four answers, what was right and why, how many were right, and the next question. */
  makeQuiz(talk) {
    const { words } = this;
    this.choices = tag(talk, "div", { class: "roi-answers", role: "group", "aria-label": words.answers });
    this.answers = [0, 1, 2, 3].map((k) => {
      const button = tag(this.choices, "button", { type: "button", "data-testid": `answer-${k}` });
      button.addEventListener("click", () => this.report({ answer: k, commit: true }));
      return button;
    });
    this.verdict = tag(talk, "div", { class: "roi-card roi-verdict", role: "status" });
    this.verdictTitle = tag(this.verdict, "h4");
    this.reason = tag(this.verdict, "p");
    const foot = tag(talk, "div", { class: "roi-quiz-foot" });
    this.score = tag(foot, "span", { class: "roi-quiet", "data-testid": "score" });
    this.onward = tag(foot, "button", { type: "button", class: "roi-lesson-link", "data-testid": "next-question" }, words.next_question);
    this.onward.addEventListener("click", () => this.turn(1));
  }

  drawQuiz() {
    const { choices, chosen, right, verdict, reason, score } = this.still.quiz;
    const answered = chosen !== undefined;
    this.root.classList.toggle("roi-unanswered", !answered);
    this.answers.forEach((button, k) => {
      say(button, choices[k]);
      button.disabled = answered;
      set(button, { class: !answered ? "" : k === right ? "roi-right" : k === chosen ? "roi-wrong" : "roi-other" });
    });
    say(this.verdictTitle, verdict ?? "");
    sayMarked(this.reason, reason ?? "");
    say(this.score, score);
    this.onward.disabled = this.step === this.still.steps.at(-1).key;
  }

  /** Title, the way to the other pages, the language. */
  makeBar({ title, lead, pages, languages }) {
    const bar = tag(this.root, "header", { class: "roi-bar" });
    tag(bar, "h1", {}, title);
    const menu = tag(bar, "nav", { class: "roi-menu", "aria-label": this.words.pages });
    this.links = [];
    for (const [name, label, address] of pages) {
      const link = tag(menu, "a", {}, label);
      this.links.push({ link, name, address });
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a new tab, as anywhere
        event.preventDefault();
        this.leave(name, link.href);
      });
    }
    const choices = tag(bar, "div", { class: "roi-choices", role: "group", "aria-label": this.words.language_name });
    if (!languages.length) choices.remove();
    for (const [language, label] of languages) {
      const button = tag(choices, "button", { type: "button", "data-testid": `lang-${language}`, lang: language,
                                              "aria-pressed": language === this.words.language }, label);
      button.addEventListener("click", () => this.report({ language, commit: true }));
    }
    const { words } = this;
    const share = tag(bar, "button", { type: "button", class: "roi-lesson-link", "data-testid": "share", title: words.share_title }, words.share);
    share.addEventListener("click", () => this.openShare());
    const { presenting } = this.still;
    const present = tag(bar, "button", { type: "button", class: "roi-lesson-link", "data-testid": "present", "aria-pressed": presenting },
      presenting ? words.present_end : words.present);
    present.addEventListener("click", () => {
      if (presenting) document.fullscreenElement && document.exitFullscreen();
      else document.documentElement.requestFullscreen?.().catch(() => {});
      this.report({ present: !presenting, commit: true });
    });
    if (lead) tag(this.root, "p", { class: "roi-lead" }, lead);
  }

  /** The link, its QR code, and which parts of the page it shows. */
  openShare() {
    const { words } = this;
    this.dialog?.remove();
    this.dialog = tag(this.root, "dialog", { class: "roi-share", "data-testid": "share-dialog", "aria-label": words.share });
    const left = tag(this.dialog, "div");
    this.code = tag(left, "img", { alt: words.share_code, "data-testid": "share-code" });
    const right = tag(this.dialog, "div", { class: "roi-share-words" });
    this.link = tag(right, "textarea", { readonly: "", rows: 4, "aria-label": words.share_title, "data-testid": "share-link" });
    const copy = tag(right, "button", { type: "button", class: "roi-lesson-link" }, words.copy);
    copy.addEventListener("click", () => {
      this.link.select();
      const done = () => say(copy, words.copied);
      if (navigator.clipboard) navigator.clipboard.writeText(this.link.value).then(done, () => {});
      else if (document.execCommand("copy")) done(); // no clipboard without https
    });
    tag(right, "h4", {}, words.share_hide);
    const parts = tag(right, "div", { class: "roi-parts" });
    const tick = (host, label, checked, name) => {
      const line = tag(host, "label");
      const box = tag(line, "input", { type: "checkbox", "data-testid": `part-${name}` });
      box.checked = checked;
      line.append(` ${label}`);
      box.addEventListener("change", ask);
      return { box, name };
    };
    const ask = () => this.report({ share: { place: location.origin + location.pathname, present: view.box.checked,
      hide: ticks.filter(({ box }) => !box.checked).map(({ name }) => name) } });
    const ticks = this.still.parts.map(([name, label]) => tick(parts, label, !this.still.left_out.includes(name), name));
    const view = tick(right, words.share_present, this.still.presenting, "present");
    const close = tag(right, "button", { type: "button", class: "roi-lesson-link", "data-testid": "share-close" }, words.close);
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.showModal();
    ask();
  }

  /** A link to another page, for a new tab, says where this one stands. The photo has a map and a box of its own. */
  drawLinks() {
    for (const { link, name, address } of this.links) {
      const apart = name === "image" || this.still.page === "image";
      const said = new URLSearchParams(apart ? { lang: this.words.language } : this.address);
      said.delete("step");
      set(link, { href: `${address}?${said}` });
    }
  }

  /** A row of buttons or one or two menus; what is chosen goes to Python as the address would say it. */
  makeControl(control) {
    const root = tag(this.controlBar, "div", { class: `roi-control roi-control-${control.name}`, role: "group",
                                               "aria-label": control.title, title: control.title });
    if (control.label) tag(root, "span", { class: "roi-label", "aria-hidden": "true" }, control.label);
    const made = { control, menus: [], buttons: [] };
    const choose = (value, part) => {
      const values = made.control.now.map((now, k) => made.menus[k]?.value ?? now); // a choice not answered yet counts
      values[part] = value;
      if (control.name === "example") return value && this.report({ example: value, commit: true });
      const [most] = made.control.numbered?.[value] ?? [];
      if (most !== undefined) values[0] += `-${clamp(made.control.number ?? 1, 0, most)}`;
      this.report({ set: { [control.name]: values.join(",") }, commit: true });
    };
    control.parts.forEach((options, part) => {
      if (part) tag(root, "span", { class: "roi-label", "aria-hidden": "true" }, this.words.by);
      if (control.buttons) {
        const row = tag(root, "div", { class: "roi-choices" });
        for (const [value, label] of options) {
          const button = tag(row, "button", { type: "button", "data-testid": `${control.name}-${value}` }, label);
          button.addEventListener("click", () => choose(value, part));
          made.buttons.push({ button, value });
        }
        return;
      }
      const menu = tag(root, "select", { "aria-label": control.title, "data-testid": `${control.name}-${part}` });
      menu.addEventListener("change", () => choose(menu.value, part));
      made.menus.push(menu);
    });
    if (control.name === "map") {
      made.number = tag(root, "input", { type: "number", min: 0, step: 1, "data-testid": "map-seed" });
      made.number.addEventListener("change", () => {
        const [most] = made.control.numbered[made.menus[0].value] ?? [0];
        const number = clamp(Math.round(Number(made.number.value) || 0), 0, most);
        this.report({ set: { map: `${made.menus[0].value}-${number}` }, commit: true });
      });
    }
    return made;
  }

  drawChoices() {
    this.controls.forEach((made, k) => {
      const control = (made.control = this.still.controls[k]);
      for (const { button, value } of made.buttons) set(button, { "aria-pressed": value === control.now[0] });
      made.menus.forEach((menu, part) => {
        const options = JSON.stringify(control.parts[part]);
        if (menu.made !== options) {
          menu.made = options;
          menu.replaceChildren();
          if (control.name === "example") tag(menu, "option", { value: "" }, control.title);
          for (const [value, label] of control.parts[part]) tag(menu, "option", { value }, label);
        }
        menu.value = control.now[part];
        menu.disabled = control.idle;
      });
      if (!made.number) return;
      const [most, label] = control.numbered[control.now[0]] ?? [0, ""];
      made.number.style.display = most ? "" : "none";
      set(made.number, { max: most, "aria-label": label, title: label });
      if (document.activeElement !== made.number) made.number.value = control.number ?? 0;
    });
  }

  /** Keep the file that was asked for. */
  /** A file, or how it stands: then it is asked for again. */
  receiveFigure({ download, figure }) {
    const { words } = this;
    if (download) this.keep(download);
    if (figure === "full" || figure === "failed") this.wantsFigure = false;
    const said = typeof figure === "number" ? "figure_waiting" : figure === undefined ? null : `figure_${figure}`;
    if (download || said) say(this.figureSaid, said ? fill(words[said], { ahead: figure }) : "");
    if (typeof figure === "number") this.report({ figure_wait: true });
  }

  keep({ name, type, content }) {
    this.wantsFigure = false;
    const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  drawRail() {
    if (!this.rail) return;
    const { steps } = this.still;
    if (!this.railMade) {
      this.railMade = true;
      steps.forEach((step, k) => {
        const item = tag(this.rail, "li");
        const button = tag(item, "button", { type: "button", "data-testid": `step-${step.key}` });
        tag(button, "b", {}, String(k + 1));
        button.append(" ");
        tag(button, "span", {}, step.title);
        button.addEventListener("click", () => this.goTo(step.key));
      });
    }
    const at = steps.findIndex((step) => step.key === this.step);
    [...this.rail.children].forEach((item, k) => {
      set(item, { class: k < at ? "roi-past" : k === at ? "roi-now" : "roi-later" });
      if (k === at) item.firstChild.setAttribute("aria-current", "step");
      else item.firstChild.removeAttribute("aria-current");
    });
    set(this.stepSlider, { max: steps.length - 1, "aria-valuetext": steps[at]?.title ?? "", style: `--steps: ${steps.length}` });
    if (Number(this.stepSlider.value) !== at) this.stepSlider.value = at;
    set(this.deeper, { "aria-pressed": Boolean(this.deep) });
    const inside = this.deep && this.still.deep[this.step];
    this.first.disabled = at <= 0;
    this.back.disabled = at <= 0 && !inside;
    this.last.disabled = at >= steps.length - 1;
    this.next.disabled = at >= steps.length - 1 && !inside;
  }

  draw() {
    const { data } = this;
    if (this.kind === "plain") return;
    this.drawRail();
    this.panels.forEach((panel, k) => {
      panel.setMoving(data.panels[k]);
      panel.drawOutput(this.outputs[k]);
      panel.setEmphasis(this.emphasis(k));
    });
    const columns = Math.max(...data.panels.map((panel) => panel.output_columns ?? 0));
    this.floor.dataset.columns = columns;
    this.chart?.draw(data.sweep, this.focus.row * columns + this.focus.column);
    this.drawControls();
    this.drawWords();
    Stage.latest = this;
    globalThis.roiDrawBelow();
  }

  emphasis(panel) {
    const { steps, panels } = this.still;
    return panels[panel].emphasis ?? steps.find((step) => step.key === this.step)?.emphasis ?? {};
  }

  /** True from that step of the walk on: what is not yet explained is not yet shown. */
  reached(key) {
    const at = (name) => this.still.steps.findIndex((step) => step.key === name);
    return at(this.step) >= at(key);
  }

  drawControls() {
    this.panels.forEach((panel) => panel.drawBox());
    const now = this.kind === "point" ? { y: this.point[0], x: this.point[1] }
      : Object.fromEntries(SIDES.map((side, k) => [side, this.box[k]]));
    for (const [name, { input, shown }] of Object.entries(this.sliders)) {
      const [low, high] = this.limits[name];
      set(input, { min: low, max: high });
      if (Number(input.value) !== now[name]) input.value = now[name];
      input.style.setProperty("--at", `${((now[name] - low) / (high - low)) * 100}%`);
      say(shown, now[name].toFixed(2));
    }
  }

  drawWords() {
    const { data, words, still } = this;
    const step = still.steps.find((one) => one.key === this.step);
    this.drawDetail();
    if (this.answers) this.drawQuiz();
    if (step && data.step !== this.step) return; // the words of a step come with its numbers
    sayMarked(this.sentence, fill(data.sentence || (step ? step.sentence : still.sentence), data.values));
    const lines = data.formula ?? [];
    if (this.formula.said !== lines.join("\n")) {
      this.formula.said = lines.join("\n");
      this.formula.replaceChildren();
      for (const line of lines) tag(this.formula, "div", {}, line);
    }
    if (this.cost) {
      const cost = data.cost;
      sayMarked(this.cost, fill(words.cost, { ...cost, side: words[`side_${cost.side}`] }));
    }
  }

  /** The cells that the bin reads, as they stand on the map; the one that wins is framed. */
  drawCells() {
    const panel = this.panels[0], { row, column } = this.focus, { words } = this;
    const box = panel.marks.bin[row * panel.moving.output_columns + column] ?? [0, 0, 0, 0];
    const [x1, y1, x2, y2] = box, width = x2 - x1, many = Math.max(width, 0) * Math.max(y2 - y1, 0);
    say(this.detailTitle, fill(many ? words.detail_pool : words.no_sample, { row, column, many }));
    const winner = panel.mine.find((sample) => sample.wins);
    const said = `${box} ${winner?.k} ${this.stillId}`;
    this.detail.classList.toggle("roi-absent", !this.reached("cells"));
    if (this.binCells.said === said) return;
    this.binCells.said = said;
    this.binCells.replaceChildren();
    this.binCells.style.setProperty("--columns", width);
    this.binCells.classList.toggle("roi-many", width > 9 || many > 90);
    for (let y = y1; y < y2; y++) {
      for (let x = x1; x < x2; x++) {
        const k = y * panel.still.columns + x;
        const wins = winner && Math.floor(winner.y) === y && Math.floor(winner.x) === x;
        const cell = tag(this.binCells, "span", { class: wins ? "roi-wins" : "" }, panel.labels[k]);
        cell.style.background = this.cellColor(panel.levels[k]);
        cell.style.color = this.numberColor(panel.levels[k]);
      }
    }
  }

  drawDetail() {
    if (!this.detail) return;
    if (!this.still.sampled) return this.drawCells();
    const panel = this.panels[0], { chosen, mine } = panel, { words, focus } = this;
    const early = !this.reached("neighbors");
    this.detail.classList.toggle("roi-absent", early);
    this.joinCard.classList.toggle("roi-absent", early);
    if (!chosen?.weights) {
      say(this.detailTitle, fill(words.no_sample, focus));
      this.detail.classList.add("roi-empty");
      this.joinCard.classList.add("roi-absent");
      return;
    }
    this.detail.classList.remove("roi-empty");
    say(this.detailTitle, fill(words.detail, { row: focus.row, column: focus.column, k: chosen.place + 1, many: chosen.many }));
    const outside = chosen.weights.every((weight) => weight === 0);
    chosen.cells.forEach(([row, column], n) => {
      const line = this.weightRows[n], weight = chosen.weights[n];
      say(line.cell, outside ? "–" : `(${row}, ${column})`);
      line.bar.style.width = `${weight / 10}%`;
      say(line.weight, (weight / 1000).toFixed(3));
      say(line.value, outside ? "× 0" : `× ${panel.labels[row * panel.still.columns + column]}`);
    });
    sayMarked(this.sum, fill(outside ? words.outside : words.sum, { value: chosen.value }));
    this.square.draw(chosen);
    const answer = this.data.panels[0].output.split(" ")[focus.row * this.data.panels[0].output_columns + focus.column];
    const listed = mine.slice(0, 9).map((one) => (one === chosen ? `[sample:${one.value}]` : one.value)).join(", ");
    const joined = `${words.aggregate}( ${listed}${mine.length > 9 ? ", …" : ""} ) = [asked:${answer}]`;
    sayMarked(this.joined, joined);
    const other = this.data.other?.split(" ")[focus.row * this.data.panels[0].output_columns + focus.column];
    sayMarked(this.other, fill(words.other, { other }));
  }

  // ---- what a person does ---------------------------------------------------------------------------------------

  moveBox(grip, from, dx, dy) {
    const [low, right] = this.limits.x1, [top, bottom] = this.limits.y1;
    let [x1, y1, x2, y2] = from;
    if (grip === "move") {
      dx = clamp(dx, low - x1, right - x2);
      dy = clamp(dy, top - y1, bottom - y2);
      [x1, y1, x2, y2] = [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
    } else {
      if (grip.includes("w")) x1 = clamp(x1 + dx, low, x2 - LEAST_SIDE);
      if (grip.includes("e")) x2 = clamp(x2 + dx, x1 + LEAST_SIDE, right);
      if (grip.includes("n")) y1 = clamp(y1 + dy, top, y2 - LEAST_SIDE);
      if (grip.includes("s")) y2 = clamp(y2 + dy, y1 + LEAST_SIDE, bottom);
    }
    this.setBox([x1, y1, x2, y2]);
  }

  setBox(box) {
    box = box.map(toHundredth);
    if (box.every((side, k) => side === this.box[k])) return;
    this.box = box;
    this.drawControls();
    this.report({ box });
  }

  movePoint([x, y]) {
    const [top, bottom] = this.limits.y, [left, right] = this.limits.x;
    const point = [toHundredth(clamp(y, top, bottom)), toHundredth(clamp(x, left, right))];
    if (point[0] === this.point[0] && point[1] === this.point[1]) return;
    this.point = point;
    this.drawControls();
    this.report({ point });
  }

  slide(name, value) {
    if (this.kind === "point") return this.movePoint(name === "x" ? [value, this.point[0]] : [this.point[1], value]);
    const box = [...this.box], at = SIDES.indexOf(name), far = (at + 2) % 4;
    box[at] = at < 2 ? Math.min(value, box[far] - LEAST_SIDE) : Math.max(value, box[far] + LEAST_SIDE);
    this.setBox(box);
    this.drawControls();
  }

  commit() {
    this.report({ commit: true });
  }

  /** Light a bin and its samples at once, then tell Python so that the sentence follows; null goes back to the pin. */
  look(focus) {
    if (this.kind === "quiz") return;
    const now = focus ?? this.pinned;
    if (!now || (now.row === this.focus.row && now.column === this.focus.column && now.sample === this.focus.sample)) return;
    this.focus = now;
    this.panels.forEach((panel) => panel.marks && panel.drawFocus());
    this.drawDetail();
    clearTimeout(this.linger);
    this.linger = setTimeout(() => {
      this.linger = null;
      this.report({ focus: now });
    }, 60);
  }

  pin(focus) {
    if (this.kind === "quiz") return;
    this.pinned = focus;
    this.look(focus);
    clearTimeout(this.linger);
    this.linger = null;
    this.report({ focus, pin: true, commit: true });
  }

  goTo(key) {
    if (key === this.step) return;
    this.step = key;
    this.drawRail();
    this.panels.forEach((panel, k) => panel.setEmphasis(this.emphasis(k)));
    this.drawWords();
    this.report({ step: key, commit: true });
  }

  /** Back or forward: a step, or one level deeper a bin or a sample of this step while there is one more. */
  turn(by) {
    if (this.deep && this.turnInside(by)) return;
    const { steps } = this.still;
    const at = steps.findIndex((step) => step.key === this.step);
    this.goTo(steps[clamp(at + by, 0, steps.length - 1)].key);
  }

  turnInside(by) {
    const level = this.still.deep[this.step];
    if (!level) return false;
    const { output_columns: columns, output } = this.data.panels[0];
    const bins = output.split(" ").length;
    const { row, column, sample } = this.focus;
    let bin = row * columns + column, place = level === "sample" ? sample + by : -1;
    const many = this.panels[0].mine?.length ?? 0;
    if (level === "bin" || place < 0 || place >= many) {
      bin += by;
      if (bin < 0 || bin >= bins) return false;
      place = level === "sample" && by < 0 ? Math.max(many - 1, 0) : 0;
    }
    this.pin({ row: Math.floor(bin / columns), column: bin % columns, sample: place });
    return true;
  }

  play() {
    const { steps } = this.still;
    if (this.step === steps.at(-1).key) this.goTo(steps[0].key);
    this.playing = setInterval(() => {
      if (this.next.disabled || !this.root.isConnected) return this.pause();
      this.turn(1);
      if (this.step === steps.at(-1).key) this.pause();
    }, Number(this.speed.value) * 1000);
    this.drawPlayer();
  }

  pause() {
    clearInterval(this.playing);
    this.playing = null;
    this.drawPlayer();
  }

  drawPlayer() {
    say(this.player, this.playing ? "❚❚" : "▶");
    const name = this.playing ? this.words.pause : this.words.play;
    set(this.player, { "aria-label": name, title: name });
  }

  onKey(event) {
    if (!this.root.isConnected || !this.still?.steps.length || event.defaultPrevented) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const busy = event.target.closest?.("input, textarea, select, [contenteditable], [role=slider], [role=radiogroup], [role=combobox], [role=listbox], [role=dialog], [role=menu]");
    if (busy || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    this.turn(event.key === "ArrowRight" ? 1 : -1);
  }
}

/** The unit square between four cell centres: the × cuts it into the four weights, each opposite its cell. */
class AreaPicture {
  constructor(svg) {
    this.areas = [0, 1, 2, 3].map((n) => tag(svg, "rect", { class: `roi-area-${n}` }));
    this.frame = tag(svg, "rect", { x: 0, y: 0, width: 100, height: 100, class: "roi-unit" });
    this.corners = [[0, 0], [100, 0], [0, 100], [100, 100]].map(([cx, cy], n) =>
      tag(svg, "circle", { cx, cy, r: 6, class: `roi-corner-${n}` }));
    this.halo = tag(svg, "path", { class: "roi-halo", d: "M-5-5L5 5M5-5L-5 5" });
    this.cross = tag(svg, "path", { class: "roi-cross", d: "M-5-5L5 5M5-5L-5 5" });
  }
  draw(sample) {
    const [[top, left], , , [bottom, right]] = sample.cells;
    const x = right > left ? clamp((sample.x - left - 0.5) * 100, 0, 100) : 0; // at the border two neighbours are one
    const y = bottom > top ? clamp((sample.y - top - 0.5) * 100, 0, 100) : 0;
    const boxes = [[x, y, 100, 100], [0, y, x, 100], [x, 0, 100, y], [0, 0, x, y]];
    boxes.forEach(([x1, y1, x2, y2], n) => set(this.areas[n], { x: x1, y: y1, width: x2 - x1, height: y2 - y1 }));
    for (const path of [this.halo, this.cross]) set(path, { transform: `translate(${x} ${y})` });
  }
}

/** Wy · map · Wxᵀ = output, as the grids they are; what is 0 in every row is left out of large maps. */
class Product {
  constructor(host) {
    this.root = tag(host, "div", { class: "roi roi-product" });
    this.none = tag(this.root, "p");
    this.grids = ["Wy", "map", "Wxᵀ", "output"].map((name, k) => {
      if (k) tag(this.root, "span", { class: "roi-sign", "aria-hidden": "true" }, k < 3 ? "·" : "=");
      const figure = tag(this.root, "figure", { class: "roi-matrix" });
      return { name, caption: tag(figure, "figcaption"), cells: tag(figure, "div", { class: "roi-grid", "data-testid": `matrix-${k}` }) };
    });
  }

  draw(stage) {
    const { words, focus } = stage, { factors } = stage.data, panel = stage.panels[0];
    this.root.classList.toggle("roi-no-product", !factors);
    sayMarked(this.none, factors ? "" : words.no_matrices);
    if (!factors) return;
    const [down, across] = [this.read(factors.wy, panel.still.rows), this.read(factors.wx, panel.still.columns)];
    const moving = panel.moving, output = moving.output.split(" "), levels = moving.output_levels.split(" ");
    const high = down.last - down.first + 1, wide = across.last - across.first + 1, bins = across.rows.length;
    const drawn = panel.labels.length > 1 && Math.max(high, wide) <= MOST_CELLS;
    this.root.style.setProperty("--total", Math.max(high + (drawn ? wide : 4) + 2.6 * bins, 16));
    const [wy, map, wx, out] = this.grids;
    const weight = (value) => ({ text: value ?? "0", level: Math.abs(Number(value ?? 0)) * 100, none: !value });
    this.fill(wy, high, down.rows.length * high, (k) => {
      const row = Math.floor(k / high);
      return { ...weight(down.rows[row].get(down.first + (k % high))), lit: row === focus.row };
    });
    this.fill(wx, bins, wide * bins, (k) => {
      const column = k % bins;
      return { ...weight(across.rows[column].get(across.first + Math.floor(k / bins))), lit: column === focus.column };
    });
    this.fill(map, drawn ? wide : 4, drawn ? high * wide : 0, (k) => {
      const cell = (down.first + Math.floor(k / wide)) * panel.still.columns + across.first + (k % wide);
      return { text: panel.labels[cell], cell: panel.levels[cell] };
    });
    this.fill(out, bins, output.length, (k) =>
      ({ text: output[k], cell: levels[k], lit: k === focus.row * bins + focus.column }));
    const size = (rows, columns) => `${rows} × ${columns}`;
    say(wy.caption, `Wy\n${this.size(words, down.rows.length, panel.still.rows, down)}`);
    say(map.caption, `${words.matrix_map}\n${size(panel.still.rows, panel.still.columns)}`);
    say(wx.caption, `Wxᵀ\n${this.size(words, panel.still.columns, bins, across)}`);
    say(out.caption, `${words.matrix_output}\n${size(down.rows.length, bins)}`);
    this.inks(stage);
  }

  /** The rows as maps from a cell to its weight; all cells of a small map, else those that some row weighs. */
  read(text, cells) {
    const rows = text.split(",").map((row) => {
      const said = row ? row.split(" ") : [], found = new Map();
      for (let k = 0; k < said.length; k += 2) found.set(Number(said[k]), said[k + 1]);
      return found;
    });
    const used = rows.flatMap((row) => [...row.keys()]);
    const all = cells <= MOST_WHOLE || !used.length;
    return { rows, first: all ? 0 : Math.min(...used), last: all ? Math.min(cells, MOST_WHOLE) - 1 : Math.max(...used), all };
  }

  size(words, rows, columns, { first, last, all }) {
    return all ? `${rows} × ${columns}` : fill(words.matrix_cells, { rows, columns, first, last });
  }

  fill(grid, columns, many, cell) {
    grid.cells.style.setProperty("--columns", columns);
    while (grid.cells.children.length > many) grid.cells.lastChild.remove();
    while (grid.cells.children.length < many) tag(grid.cells, "span");
    for (let k = 0; k < many; k++) {
      const span = grid.cells.children[k], { text, ...look } = cell(k);
      say(span, text);
      const said = Object.values(look).join();
      if (span.said !== said) Object.assign(span, { said, look, stale: true });
    }
  }

  inks(stage) {
    for (const { cells } of this.grids) {
      for (const span of cells.children) {
        if (!span.stale) continue;
        const { level, cell, none, lit } = span.look;
        span.stale = false;
        span.className = `${none ? "roi-zero" : ""} ${lit ? "roi-looked" : ""}`;
        span.style.background = cell !== undefined ? stage.cellColor(cell)
          : `color-mix(in srgb, var(--roi-asked) ${level}%, transparent)`;
        span.style.color = cell !== undefined ? stage.numberColor(cell) : "";
      }
    }
  }
}

/** The place under the stage that a page gives to the product, when both are there. */
globalThis.roiDrawBelow = () => {
  const host = globalThis.roiBelow;
  if (!host?.isConnected || !Stage.latest?.data || Stage.latest.data.factors === undefined) return;
  host.product ??= new Product(host);
  host.product.draw(Stage.latest);
};

globalThis.roiStage = ({ parentElement, data, setTriggerValue }) => {
  let stage = stages.get(parentElement);
  if (!stage || stage.kind !== data.kind) {
    stage?.destroy();
    stage = new Stage(parentElement, data.kind);
    stages.set(parentElement, stage);
  }
  stage.receive(data, setTriggerValue);
  return () => {
    if (parentElement.isConnected) return; // Streamlit may clean up an element that it keeps
    stage.destroy();
    stages.delete(parentElement);
  };
};
for (const component of globalThis.roiWaiting ?? []) globalThis.roiStage(component);
globalThis.roiWaiting = [];

let wholePage = () => {}; // outside the fragment: what asks for a run of the whole page

export default ({ setTriggerValue }) => void (wholePage = setTriggerValue);
