// canvas.js: the component itself. It paints what the visitor points at at once, and tells Python of a pin afterwards.

const HINT = "Point at a cell or at the series, or move with the arrow keys, to read it in every map. Click or press Enter to pin it.";

class ImportanceCanvas {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.front = this.find("canvas.maps");
    this.still = document.createElement("canvas"); // the figure without pin and cursor
    this.cursor = null;
    this.stamp = 0;
    this.listen();
    this.watch = repaintOf(this, this.root);
  }

  leave() {
    this.watch.disconnect();
    this.content = null; // a late event must not keep or paint the maps
  }

  listen() {
    offerDownloads(this, this.find(".take"));
    this.front.addEventListener("pointermove", (event) => this.moveCursor(this.cellUnder(event)));
    this.front.addEventListener("pointerleave", () => this.moveCursor(null));
    this.front.addEventListener("blur", () => this.moveCursor(null));
    this.front.addEventListener("click", (event) => this.pin(this.cellUnder(event)));
    this.front.addEventListener("keydown", (event) => this.press(event));
  }

  receive(bytes) {
    const header = readHeader(bytes);
    if (header.token !== this.root.dataset.token) this.fill(readContent(bytes, header));
    this.content.file = header.file;
    const order = JSON.stringify(header.order);
    if (order !== this.order) this.view = header.order.view;
    this.order = order;
    if (this.view.window !== header.window) this.view = { window: header.window, pin: null };
    this.paint(); // also when nothing is new: the theme may be another
  }

  fill(content) {
    if (content.window !== this.content?.window) this.cursor = null; // another method of this window keeps it
    this.content = content;
    this.palette = packedPalette(content.palette);
    this.root.dataset.token = content.token;
    this.readings = content.maps.map(reading);
    this.find(".readings").replaceChildren(...this.readings.map(({ row }) => row));
    const size = `${content.features.length} features at ${content.times.length} steps`;
    this.front.setAttribute("aria-label", `Importance of ${size} by ${content.methods.join(", ")}`);
  }

  paint() {
    const begin = performance.now();
    this.width = widthOf(this.root);
    this.layout = layOut(this.front.getContext("2d"), this.content, inkOf(this.root), this.width);
    this.scene = this.makeScene(devicePixelRatio);
    paintScene(sized(this.still, this.layout, devicePixelRatio), this.scene, this.layout);
    this.context = sized(this.front, this.layout, devicePixelRatio);
    this.paintFront();
    this.describe(performance.now() - begin);
  }

  makeScene(scale) {
    const { content } = this;
    const most = Math.floor(this.layout.maps[0].width * scale);
    const images = content.maps.map((map) => paintMap(document.createElement("canvas"), content, map, most, this.palette));
    return { content, images, ink: inkOf(this.root), isPooled: most < content.times.length };
  }

  paintFront() {
    this.context.drawImage(this.still, 0, 0, this.layout.width, this.layout.height); // all of it is opaque: nothing to clear
    paintMarks(this.context, this.scene, this.layout, { pin: this.view.pin, cursor: this.cursor });
    this.say(this.cursor ?? this.view.pin);
  }

  say(cell) {
    const sentence = cell ? cellSentence(this.content, cell) : HINT;
    speak(this.find(".cell"), sentence);
    this.root.classList.toggle("idle", !cell);
    for (const { value, swatch, map } of cell ? this.readings : []) {
      const text = valueText(this.content, map, cell);
      if (value.textContent !== text) value.textContent = text;
      swatch.style.background = this.colourOf(map, cell);
    }
  }

  colourOf(map, cell) {
    const at = 3 * shade(map.values[indexOf(this.content, cell)], topOf(this.content, map));
    return Number.isNaN(at) ? "none" : `rgb(${this.content.palette.slice(at, at + 3).join(",")})`;
  }

  describe(milliseconds) {
    const { pin } = this.view;
    const shown = { methods: this.content.methods.length, step: pin?.step ?? "", feature: pin?.feature ?? "" };
    Object.assign(this.root.dataset, shown, { paintMs: milliseconds.toFixed(1), ready: "true" });
  }

  cellUnder(event) {
    return cellAt(this.layout, this.content, ...pointUnder(event, this.front, this.layout));
  }

  moveCursor(cell) {
    if (!this.content || isSame(cell, this.cursor)) return;
    this.cursor = cell;
    this.paintFront();
  }

  pin(cell) {
    if (!cell) return;
    this.choose(isSame(cell, this.view.pin) ? null : cell);
  }

  choose(pin) {
    this.view = { ...this.view, pin };
    this.paint();
    this.stamp = stampAfter(this.stamp);
    this.send({ ...this.view, stamp: this.stamp });
  }

  press(event) {
    if (event.key in MOVES) this.step(...MOVES[event.key], event.shiftKey ? 10 : 1);
    else if (event.key === "Enter" || event.key === " ") this.pin(this.cursor ?? this.view.pin);
    else if (event.key === "Escape" && this.view.pin) this.choose(null);
    else return;
    take(event);
  }

  step(down, right, length) {
    if (!this.cursor) return this.moveCursor(this.view.pin ?? { step: 0, feature: 0 });
    const { times, features } = this.content;
    this.moveCursor({
      step: within(this.cursor.step + right * length, times.length),
      feature: within(this.cursor.feature + down * length, features.length),
    });
  }

  picture() {
    const scene = this.makeScene(PICTURE_SCALE);
    const { layout, view } = this;
    const paint = (context) => {
      paintScene(context, scene, layout);
      paintMarks(context, scene, layout, { pin: view.pin, cursor: null });
      if (view.pin) paintPinSentence(context, scene, layout, view.pin);
    };
    return { size: { ...layout, height: layout.height + (view.pin ? 2 * LINE : 0) }, ink: scene.ink, paint };
  }

  table() {
    return tableOf(this.content);
  }
}

function isSame(one, other) {
  return one?.step === other?.step && one?.feature === other?.feature;
}

function reading(map) {
  const row = element("li");
  const swatch = element("span", { className: "swatch" });
  const value = element("span", { className: "value" });
  row.append(swatch, element("span", { className: "method", textContent: map.label, title: map.label }), value);
  return { row, swatch, value, map };
}

export default mountOf(ImportanceCanvas, ".importance");
