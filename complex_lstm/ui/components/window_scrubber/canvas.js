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
    offerDownloads(this, this.root.querySelector(".take"));
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
    Object.assign(this.content, { file: header.file, chosen: header.chosen, label: header.label, worst: header.worst });
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
    paintStrip(context, { content, ink, palette: this.palette }, layout, this.pointed);
    const sentence = noteOf(content, this.pointed ?? content.chosen);
    const own = this.pointed === null && content.label ? `${sentence} · ${content.label}` : sentence;
    this.root.querySelector(".note").textContent = own;
    for (const [name, value] of Object.entries({ "aria-valuemax": content.count - 1, "aria-valuenow": content.chosen, "aria-valuetext": own })) {
      this.strip.setAttribute(name, value);
    }
    Object.assign(this.root.dataset, { ready: "true", chosen: content.chosen });
  }

  // The strip with what it shows in words: on the page they stand below it, and the parts' colours are known.
  picture() {
    const scene = { content: this.content, ink: inkOf(this.root), palette: this.palette };
    const size = { width: this.layout.width, height: STRIP.height + 2 * LINE + 6 };
    const paint = (context) => {
      paintStrip(context, scene, this.layout, null);
      paintLegend(context, scene, this.layout);
    };
    return { size, ink: scene.ink, paint };
  }

  table() {
    return tableOf(this.content);
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
    take(event);
    this.content.chosen = target;
    this.paint();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.choose(target), REST);
  }
}

export default mountOf(Scrubber, ".scrubber");
