// canvas.js: the component itself. It paints what the visitor chooses at once and tells Python afterwards.

const THUMBNAIL_CELLS = 128;
const HINT = "Point at a cell, or move with the arrow keys, to read its weight. Click or press Enter to pin it.";
const ZOOM_HINT = " Double-click or press Z to see a part weight by weight.";
const ASK_AFTER = 120; // milliseconds that the mouse rests: exact weights are asked for where it stays
const [WANTED, CAME] = ["complex-lstm:tile-wanted", "complex-lstm:tile-came"]; // between this canvas and attention_tiles

class AttentionCanvas {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.large = this.find("canvas.map");
    this.status = this.find(".status");
    this.image = document.createElement("canvas");
    this.still = document.createElement("canvas"); // the figure without the cursor
    this.cursor = null;
    this.ownRange = false;
    this.zoom = null; // the corner of the tile that is shown large, weight by weight
    this.stamp = 0;
    this.onTile = (event) => this.receiveTile(event.detail);
    document.addEventListener(CAME, this.onTile);
    this.listen();
    this.watch = repaintOf(this, this.find(".large"));
  }

  leave() {
    this.watch.disconnect();
    document.removeEventListener(CAME, this.onTile);
    clearTimeout(this.asking);
    this.content = null; // a late event must not keep or paint the weights
  }

  listen() {
    this.find(".maps").addEventListener("change", (event) => this.choose({ map: event.target.value }));
    this.find("select").addEventListener("change", (event) => this.choose({ feature: event.target.selectedIndex }));
    this.find(".own-range input").addEventListener("change", (event) => this.setOwnRange(event.target.checked));
    offerDownloads(this, this.find(".take"));
    this.large.addEventListener("pointermove", (event) => this.moveCursor(this.cellUnder(event)));
    this.large.addEventListener("pointerleave", () => this.moveCursor(null));
    this.large.addEventListener("blur", () => this.moveCursor(null));
    this.large.addEventListener("click", (event) => this.pin(this.cellUnder(event)));
    this.large.addEventListener("dblclick", (event) => this.zoomAt(this.cellUnder(event)));
    this.find(".whole").addEventListener("click", () => this.zoomAt(null));
    this.large.addEventListener("keydown", (event) => this.press(event));
  }

  receive(bytes) {
    const header = readHeader(bytes);
    const isNew = header.token !== this.root.dataset.token;
    if (isNew) this.fill(readContent(bytes, header));
    this.content.file = header.file;
    const order = JSON.stringify(header.order);
    if (order !== this.order) this.view = header.order.view;
    this.order = order;
    this.view = fitted(this.view, this.content);
    this.paint(); // also when nothing is new: the theme may be another
  }

  fill(content) {
    this.content = content;
    this.palette = packedPalette(content.palette);
    this.cursor = this.zoom = null;
    this.root.dataset.token = content.token;
    this.find("select").replaceChildren(...content.names.map((name) => new Option(name))); // Option takes plain text
    this.find(".layers").replaceChildren(...Array.from({ length: content.layers }, (_, layer) => this.layerGroup(layer)));
    this.find(".maps input[value=rollout]").disabled = !content.rollout;
    this.paintThumbnails();
  }

  layerGroup(layer) {
    const group = element("div", { className: "layer" }, { role: "group", "aria-label": `Attention heads of layer ${layer + 1}` });
    const heads = element("div", { className: "heads" });
    heads.style.setProperty("--smallest", this.content.heads > 8 ? "34px" : "52px");
    heads.append(...Array.from({ length: this.content.heads }, (_, head) => this.thumbnail(layer, head)));
    group.append(element("div", { className: "layer-name", textContent: `Layer ${layer + 1}` }), heads);
    return group;
  }

  thumbnail(layer, head) {
    const title = headTitle(layer, head);
    const button = element("button", { type: "button", className: "head", title }, { "aria-label": title });
    Object.assign(button.dataset, { layer, head });
    button.append(element("canvas", {}, { "aria-hidden": "true" }), element("span", { textContent: head + 1 }));
    button.addEventListener("click", () => this.choose({ map: "head", layer, head }));
    return button;
  }

  paintThumbnails() {
    for (const button of this.root.querySelectorAll(".head")) {
      const map = headMap(this.content, Number(button.dataset.layer), Number(button.dataset.head));
      const top = (this.ownRange ? map.largest : this.content.largest) || 1;
      paintMap(button.firstChild, pooled(map, THUMBNAIL_CELLS), top, this.palette);
    }
  }

  choose(change) {
    this.view = { ...this.view, ...change };
    this.paint();
    this.stamp = stampAfter(this.stamp);
    this.send({ ...this.view, stamp: this.stamp });
  }

  pin(cell) {
    if (!cell) return;
    if (!this.zoom) cell = largestOfSquare(this.content, this.view, cell);
    const { pin } = this.view;
    const again = pin && pin.query === cell.query && pin.key === cell.key;
    this.choose({ pin: again ? null : cell });
  }

  setOwnRange(ownRange) {
    this.ownRange = ownRange;
    this.paintThumbnails();
    this.paint();
  }

  paint() {
    const begin = performance.now();
    this.showChoice();
    this.paintStill();
    this.paintLarge();
    this.describe(performance.now() - begin);
  }

  showChoice() {
    const { map, layer, head, feature } = this.view;
    for (const button of this.root.querySelectorAll(".head")) {
      const isShown = map === "head" && Number(button.dataset.layer) === layer && Number(button.dataset.head) === head;
      button.setAttribute("aria-pressed", isShown);
    }
    this.root.querySelectorAll(".layer").forEach((group, at) => group.classList.toggle("averaged", map === "average" && at === layer));
    for (const radio of this.root.querySelectorAll(".maps input")) radio.checked = radio.value === map;
    this.find("select").selectedIndex = feature;
    this.find(".own-range input").checked = this.ownRange;
    this.large.setAttribute("aria-label", `${mapTitle(this.content, this.view)}, ${this.content.steps} by ${this.content.steps} steps`);
    this.find(".whole").hidden = !this.zoom;
  }

  paintStill() {
    const ink = inkOf(this.root);
    this.width = widthOf(this.find(".large"));
    this.layout = layOut(this.large.getContext("2d"), this.content, scopeOf(this.content, this.zoom), ink, this.width);
    this.scene = this.makeScene(ink, this.layout.plot.side * devicePixelRatio);
    paintScene(sized(this.still, this.layout, devicePixelRatio), this.scene, this.layout);
  }

  makeScene(ink, pixels) {
    const { content, view } = this;
    const { scope } = this.layout.plot;
    const map = scope.isZoomed ? tileMap(content, view, scope) : chosenMap(content, view);
    const range = colourRange(content, view, this.ownRange);
    const image = paintMap(this.image, pooled(map, Math.floor(pixels)), range.top, this.palette);
    return { content, view, range, image, ink, isPooled: image.width < map.side || (content.square > 1 && !scope.isZoomed) };
  }

  paintLarge() {
    const context = sized(this.large, this.layout, devicePixelRatio);
    context.drawImage(this.still, 0, 0, this.layout.width, this.layout.height);
    if (this.cursor) paintCursor(context, this.scene, this.layout, this.cursor);
    speak(this.status, this.sentence());
    this.askForTile(this.cursor ?? this.view.pin ?? this.zoom);
  }

  sentence() {
    const { content, view, cursor, zoom } = this;
    if (cursor) return cellSentence(content, view, zoom ? cursor : largestOfSquare(content, view, cursor), !zoom);
    return view.pin ? cellSentence(content, view, view.pin, false) : HINT + (content.isExact ? "" : ZOOM_HINT);
  }

  // Asks Python for the exact weights around a cell once the visitor stays there.
  askForTile(cell) {
    clearTimeout(this.asking);
    const { content, view } = this;
    if (!cell || content.isExact || exactTile(content, view, cell)) return;
    const detail = { token: content.token, ...tileAt(content, view, cell) };
    this.asking = setTimeout(() => document.dispatchEvent(new CustomEvent(WANTED, { detail })), ASK_AFTER);
  }

  // Takes the tile that came; without one, Python can be asked from now on.
  receiveTile(tile) {
    if (!this.content) return;
    if (tile?.asked.token === this.content.token) keepTile(this.content, tile);
    this.root.dataset.tiles = this.content.tiles.size;
    this.zoom ? this.paint() : this.paintLarge();
  }

  zoomAt(cell) {
    if (this.content.isExact) return;
    this.zoom = cell && !this.zoom ? (({ query, key }) => ({ query, key }))(tileAt(this.content, this.view, cell)) : null;
    this.paint();
  }

  describe(milliseconds) {
    const { map, layer, head, pin } = this.view;
    const chosen = { map, layer, head, query: pin?.query ?? "", key: pin?.key ?? "" };
    Object.assign(this.root.dataset, chosen, { zoom: this.zoom ? `${this.zoom.query} ${this.zoom.key}` : "", paintMs: milliseconds.toFixed(1), ready: "true" });
  }

  cellUnder(event) {
    return cellAt(this.layout, this.content.steps, ...pointUnder(event, this.large, this.layout));
  }

  moveCursor(cell) {
    if (!this.content || (!cell && !this.cursor)) return;
    this.cursor = cell;
    this.paintLarge();
  }

  press(event) {
    if (event.key in MOVES) this.step(...MOVES[event.key], event.shiftKey ? 10 : 1);
    else if (event.key === "Enter" || event.key === " ") this.pin(this.cursor);
    else if (event.key.toLowerCase() === "z") this.zoomAt(this.cursor ?? this.view.pin ?? { query: 0, key: 0 });
    else if (event.key === "Escape" && this.zoom) this.zoomAt(null);
    else if (event.key === "Escape" && this.view.pin) this.choose({ pin: null });
    else return;
    take(event);
  }

  step(down, right, length) {
    if (!this.cursor) return this.moveCursor(this.view.pin ?? this.zoom ?? { query: 0, key: 0 });
    const { steps, square } = this.content;
    const far = length * (this.zoom ? 1 : square);
    const cell = { query: within(this.cursor.query + down * far, steps), key: within(this.cursor.key + right * far, steps) };
    if (this.zoom && !isInScope(this.layout.plot, cell)) {
      this.zoom = null;
      this.zoomAt(cell); // the tile next to this one
    }
    this.moveCursor(cell);
  }

  picture() {
    const scene = this.makeScene(inkOf(this.root), this.layout.plot.side * PICTURE_SCALE);
    const suffix = `_${mapTitle(this.content, this.view).toLowerCase().replace(/\W+/g, "_")}`;
    return { size: this.layout, ink: scene.ink, paint: (context) => paintScene(context, scene, this.layout), suffix };
  }

  table() {
    return tableOf(this.content, this.view, this.layout.plot.scope);
  }
}

function fitted(view, { layers, heads, steps, names, rollout }) {
  const pin = view.pin && view.pin.query < steps && view.pin.key < steps ? view.pin : null;
  const [layer, head, feature] = [[view.layer, layers], [view.head, heads], [view.feature, names.length]].map(([at, count]) =>
    Math.min(at, count - 1),
  );
  return { map: view.map === "rollout" && !rollout ? "average" : view.map, layer, head, feature, pin };
}

export default mountOf(AttentionCanvas, ".attention");
