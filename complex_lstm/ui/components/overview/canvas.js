// canvas.js: the component itself. It moves one crosshair through all panes, and tells Python which pane the visitor opens.

const HINT = "Point at a pane, or move with the arrow keys in the series, to read a step in every pane. A click opens a pane large.";
const MOST_SAID = 12; // outputs in the words for those who do not see the pane

class Overview {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.panes = new Map([...root.querySelectorAll(".pane")].map((pane) => [pane.dataset.pane, pane]));
    this.cursor = null;
    this.stamp = 0;
    this.listen();
    this.watch = repaintOf(this, this.root);
    this.resized = () => this.content && this.paint();
    window.addEventListener("resize", this.resized);
  }

  leave() {
    this.watch.disconnect();
    window.removeEventListener("resize", this.resized);
    this.content = null; // a late event must not keep or paint the panes
  }

  listen() {
    offerDownloads(this, this.find(".take"));
    for (const [name, pane] of this.panes) {
      pane.addEventListener("click", () => this.open(name));
      const canvas = pane.querySelector("canvas");
      canvas.addEventListener("pointermove", (event) => this.moveCursor(this.stepUnder(name, canvas, event)));
      canvas.addEventListener("pointerleave", () => this.moveCursor(null));
    }
    this.find(".series").addEventListener("blur", () => this.moveCursor(null));
    this.find(".series").addEventListener("keydown", (event) => this.press(event));
  }

  receive(bytes) {
    const header = readHeader(bytes);
    if (header.token !== this.root.dataset.token) this.fill(readContent(bytes, header));
    this.content.file = header.file;
    this.paint(); // also when nothing is new: the theme may be another
  }

  fill(content) {
    if (this.content?.times.length !== content.times.length) this.cursor = null;
    this.content = content;
    this.palettes = content.palettes;
    const packed = packedPalette(content.palettes.sequential);
    const [layers, heads] = content.shapes.attention;
    const imagesOf = (side) => side && Array.from({ length: layers * heads }, (_, at) => headImage(content, side.attention, packed, at));
    this.images = { now: imagesOf(content.now), before: imagesOf(content.before) };
    this.root.dataset.token = content.token;
    const many = content.hiddenFeatures ? `, ${content.before ? "" : "the "}${content.features.length}${content.before ? "" : " most important by it"} of ${content.features.length + content.hiddenFeatures} features` : "";
    this.panes.get("importance").querySelector("button").textContent = `Series, tinted by ${content.tintName}${many}`;
    this.find(".series").setAttribute("aria-label", `${content.features.length} series over ${content.times.length} steps`);
    const said = leading(content, MOST_SAID).map((at) => `${content.now.prediction[at].text}, ${content.now.prediction[at].note}`);
    const unsaid = content.outputs.length - said.length;
    const lines = [...said, ...(unsaid ? [`and ${unsaid} more`] : [])].join("; ");
    this.panes.get("prediction").querySelector("canvas").setAttribute("aria-label", lines);
    for (const name of ["gate", "attention", "heads", "prediction"]) this.panes.get(name).querySelector("canvas").setAttribute("role", "img");
    this.panes.get("gate").querySelector("canvas").setAttribute("aria-label", "Mean gate at every step: orange takes convolution stage 1, purple stage 2");
    this.panes.get("attention").querySelector("canvas").setAttribute("aria-label", `${layers} attention layers of ${heads} heads, each a heat map of query by key`);
    this.panes.get("heads").querySelector("canvas").setAttribute("aria-label", `The outputs of ${content.shapes.heads[0]} ensemble heads beside the combined output`);
  }

  paint() {
    const begin = performance.now();
    this.width = widthOf(this.root);
    const ink = { ...inkOf(this.root), primary: getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim() };
    this.scene = { content: this.content, ink, palettes: this.palettes, images: this.images };
    const tall = Math.min(1.9, Math.max(1, (window.innerHeight - 310) / 458));
    const isNarrow = this.width <= 540; // as in the style
    const heights = heightsOf(this.content, tall, roomOf(this.panes.get("attention")), isNarrow);
    this.layers = new Map();
    for (const [name, pane] of this.panes) {
      const canvas = pane.querySelector("canvas");
      const layout = layOutTime(roomOf(pane), heights[name]);
      const still = document.createElement("canvas");
      const context = sized(still, layout, devicePixelRatio);
      context.fillStyle = ink.background;
      context.fillRect(0, 0, layout.width, layout.height);
      PAINTERS[name](context, this.scene, layout);
      this.layers.set(name, { still, layout, context: sized(canvas, layout, devicePixelRatio) });
    }
    this.paintFront();
    Object.assign(this.root.dataset, { paintMs: (performance.now() - begin).toFixed(1), ready: "true" });
  }

  paintFront() {
    for (const [name, { still, layout, context }] of this.layers) {
      context.drawImage(still, 0, 0, layout.width, layout.height); // all of it is opaque: nothing to clear
      paintCursor(context, this.scene, layout, name, this.cursor);
    }
    this.root.dataset.step = this.cursor ?? "";
    speak(this.find(".status"), this.cursor === null ? HINT : stepSentence(this.content, this.cursor));
  }

  // The step under the pointer, or null where a pane has no time there.
  stepUnder(name, canvas, event) {
    if (!this.content || !this.layers?.has(name)) return null;
    const { layout } = this.layers.get(name);
    const [x, y] = pointUnder(event, canvas, layout);
    const steps = this.content.times.length;
    if (name === "importance" || name === "gate") {
      const at = Math.floor(((x - layout.left) / (layout.width - layout.left - RIGHT)) * steps);
      return at < 0 || at >= steps ? null : at;
    }
    if (name !== "attention") return null;
    const place = thumbPlaces(this.content, layout).find((one) => x >= one.x && x < one.x + one.size && y >= one.y && y < one.y + one.size);
    return place ? within(Math.floor(((x - place.x) / place.size) * steps), steps) : null;
  }

  moveCursor(step) {
    if (!this.content || step === this.cursor) return;
    this.cursor = step;
    this.paintFront();
  }

  press(event) {
    const steps = this.content.times.length;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const by = (event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1);
      this.moveCursor(this.cursor === null ? 0 : within(this.cursor + by, steps));
    } else if (event.key === "Home") this.moveCursor(0);
    else if (event.key === "End") this.moveCursor(steps - 1);
    else if (event.key === "Enter") this.open("importance");
    else return;
    take(event);
  }

  open(pane) {
    this.stamp = stampAfter(this.stamp);
    this.send({ pane, stamp: this.stamp });
  }

  // All panes as one picture, below each other, with their titles.
  picture() {
    const layers = [...this.layers].map(([name, { layout }]) => ({ name, layout, title: this.panes.get(name).querySelector("button").textContent }));
    const size = { width: Math.max(...layers.map(({ layout }) => layout.width)), height: layers.reduce((sum, { layout }) => sum + layout.height + 34, 0) };
    const paint = (context) => {
      for (const { name, layout, title } of layers) {
        write(context, title, 0, 14, { font: this.scene.ink.strong, colour: this.scene.ink.text });
        context.translate(0, 22);
        PAINTERS[name](context, this.scene, layout);
        context.translate(0, layout.height + 12);
      }
    };
    return { size, ink: this.scene.ink, paint };
  }

  table() {
    return tableOf(this.content);
  }
}

// The width inside a pane's border and padding. A pane that is about to leave has none: any will do that can be drawn.
function roomOf(pane) {
  return Math.max(0, pane.clientWidth - 16) || UNSEEN;
}

export default mountOf(Overview, ".overview");
