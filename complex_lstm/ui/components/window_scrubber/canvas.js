// canvas.js: the component itself. It follows the pointer at once, and tells Python of a window when the pointer is let go.

const JUMPS = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
const REST = 250; // milliseconds after the last key before Python is told

class Scrubber {
  constructor(root) {
    this.root = root;
    this.strip = root.querySelector(".strip");
    this.pointed = null;
    this.stamp = 0;
    this.listen();
    this.watch = repaintOf(this, this.root);
  }

  leave() {
    this.watch.disconnect();
    clearTimeout(this.rest);
    this.content = null;
  }

  listen() {
    this.strip.addEventListener("pointerdown", (event) => this.content && this.strip.setPointerCapture(event.pointerId));
    this.strip.addEventListener("pointermove", (event) => this.point(this.windowUnder(event)));
    this.strip.addEventListener("pointerleave", () => this.point(null));
    this.strip.addEventListener("pointerup", (event) => this.choose(this.windowUnder(event)));
    this.strip.addEventListener("keydown", (event) => this.press(event));
  }

  receive(bytes) {
    const header = readHeader(bytes);
    if (header.token !== this.root.dataset.token) {
      this.content = readContent(bytes, header);
      this.palette = header.palette;
      this.root.dataset.token = header.token;
    }
    Object.assign(this.content, { chosen: header.chosen, label: header.label, worst: header.worst });
    const buttons = header.worst.map((window) => {
      const button = element("button", { type: "button", tabIndex: -1, textContent: String(window) }, { "aria-label": `Window ${window}, one of the worst` });
      button.addEventListener("click", () => this.choose(window));
      return button;
    });
    this.root.querySelector(".worst").replaceChildren(...(buttons.length ? ["worst", ...buttons] : []));
    this.paint();
  }

  paint() {
    this.width = widthOf(this.root);
    const { content } = this;
    const ink = inkOf(this.root);
    const layout = { width: this.strip.clientWidth || UNSEEN, height: STRIP.height };
    this.layout = layout;
    const context = sized(this.strip, layout, devicePixelRatio);
    this.strip.style.width = "";
    const columns = Math.max(1, Math.floor(layout.width));
    for (let at = 0; at < columns; at++) {
      const windows = windowsAt(content, at, columns);
      const worst = worstIn(content, windows);
      const share = content.top ? worst / content.top : 0;
      const shade = Math.round(255 * Math.max(0, Math.min(1, share)));
      context.fillStyle = Number.isFinite(worst) ? `rgb(${this.palette.slice(3 * shade, 3 * shade + 3).join(",")})` : ink.border;
      context.fillRect(at, 0, 1, STRIP.height - STRIP.part - 1);
      context.fillStyle = PART_COLOURS[content.codes[windows[0]]];
      context.fillRect(at, STRIP.height - STRIP.part, 1, STRIP.part);
    }
    const x = ((content.chosen + 0.5) / content.count) * layout.width;
    for (const [colour, width] of [[ink.background, 6], [ink.text, 2.5]]) line(context, { from: [x, 0], to: [x, STRIP.height], colour, width, dash: [] });
    if (this.pointed !== null) {
      const at = ((this.pointed + 0.5) / content.count) * layout.width;
      line(context, { from: [at, 0], to: [at, STRIP.height], colour: ink.text, width: 1, dash: [3, 2] });
    }
    const sentence = noteOf(content, this.pointed ?? content.chosen);
    const own = this.pointed === null && content.label ? `${sentence} · ${content.label}` : sentence;
    this.root.querySelector(".note").textContent = own;
    for (const [name, value] of Object.entries({ "aria-valuemax": content.count - 1, "aria-valuenow": content.chosen, "aria-valuetext": own })) {
      this.strip.setAttribute(name, value);
    }
    Object.assign(this.root.dataset, { ready: "true", chosen: content.chosen });
  }

  windowUnder(event) {
    if (!this.content) return null;
    const [x] = pointUnder(event, this.strip, this.layout);
    return within(Math.floor((x / this.layout.width) * this.content.count), this.content.count);
  }

  point(window) {
    if (!this.content || window === this.pointed) return;
    this.pointed = window;
    this.paint();
  }

  choose(window) {
    if (!this.content || window === null) return;
    this.pointed = null;
    this.content.chosen = window;
    this.paint();
    this.stamp = stampAfter(this.stamp);
    this.send({ window, stamp: this.stamp });
  }

  // W goes through the worst windows, whose buttons are for the mouse. Other keys move the mark at once; Python is told when they rest, so that a held key computes one window and not twenty.
  press(event) {
    const { count, chosen, worst } = this.content;
    const next = worst[(worst.indexOf(chosen) + 1) % Math.max(1, worst.length)] ?? null;
    if (event.key === "w") return this.choose(next);
    const target = event.key === "Home" ? 0 : event.key === "End" ? count - 1 : event.key in JUMPS ? within(chosen + JUMPS[event.key], count) : null;
    if (target === null) return;
    event.preventDefault();
    this.content.chosen = target;
    this.paint();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.choose(target), REST);
  }
}

export default mountOf(Scrubber, ".scrubber");
