// canvas.js: the component itself. It paints each snapshot at once, and tells Python where the visitor has come to rest.

const HINT = "Point at a map to read a weight in every head, or move there with the arrow keys. Click or press Enter to pin it.";
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

class SnapshotsCanvas {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.front = this.find("canvas.maps");
    this.still = document.createElement("canvas"); // what is the same at every snapshot
    this.tile = document.createElement("canvas"); // one map, a pixel a cell
    this.player = new Player(() => this.paintSnapshot(), () => this.report());
    Object.assign(this, { cursor: null, pin: null, ownRange: false, stamp: 0 });
    this.listen();
    this.watch = repaintOf(this, this.root);
  }

  leave() {
    this.player.leave();
    this.watch.disconnect();
    this.content = null; // a late event must not keep or paint the film
  }

  listen() {
    const on = (selector, event, act) => this.find(selector).addEventListener(event, (found) => this.content && act(found));
    on(".play", "click", () => (this.player.isPlaying ? this.player.pause() : this.player.play()));
    on(".back", "click", () => this.player.step(-1));
    on(".on", "click", () => this.player.step(1));
    on(".slider", "input", (event) => this.player.step(Number(event.target.value) - this.player.snapshot));
    on(".own-range input", "change", (event) => this.setOwnRange(event.target.checked));
    offerDownloads(this, this.find(".take"));
    on(".maps", "pointermove", (event) => this.moveCursor(this.placeUnder(event)));
    on(".maps", "pointerleave", () => this.moveCursor(null));
    on(".maps", "blur", () => this.moveCursor(null));
    on(".maps", "click", (event) => this.hold(this.placeUnder(event)));
    on(".maps", "keydown", (event) => this.press(event));
  }

  receive(bytes) {
    const header = readHeader(bytes);
    const before = this.content?.steps[this.player.snapshot];
    if (header.token !== this.root.dataset.token) this.fill(readContent(bytes, header));
    this.content.file = header.file;
    const order = JSON.stringify(header.order);
    const step = order === this.order ? before : header.order.view.step;
    this.order = order;
    this.player.load(this.content.steps.length, nearestSnapshot(this.content, step));
    this.paint(); // also when nothing is new: the theme may be another
  }

  fill(content) {
    const isAlike = content.cells === this.content?.cells && content.heads === this.content?.heads;
    if (!isAlike) this.cursor = this.pin = null;
    this.content = content;
    this.palette = packedPalette(content.palette);
    this.root.dataset.token = content.token;
    this.find(".slider").max = content.steps.length - 1;
    this.find(".play").hidden = STILL.matches; // whoever wants no motion moves by hand
    const size = `${content.cells} by ${content.cells} cells`;
    this.front.setAttribute("aria-label", `Attention of ${content.heads} heads in layer ${content.layer + 1}, ${size} each`);
  }

  paint() {
    const ink = inkOf(this.root);
    this.width = widthOf(this.root);
    this.layout = layOut(this.front.getContext("2d"), this.content, ink, this.width, devicePixelRatio);
    const { content, ownRange, palette, tile } = this;
    this.scene = { content, ink, ownRange, palette, tile };
    paintStill(sized(this.still, this.layout, devicePixelRatio), this.scene, this.layout);
    this.context = sized(this.front, this.layout, devicePixelRatio);
    this.paintSnapshot();
  }

  paintSnapshot() {
    const begin = performance.now();
    this.context.drawImage(this.still, 0, 0, this.layout.width, this.layout.height); // all of it is opaque: nothing to clear
    paintFrame(this.context, this.scene, this.layout, this.player.snapshot, this.cursor ?? this.pin);
    this.say();
    this.describe(performance.now() - begin);
  }

  say() {
    const { snapshot, isPlaying } = this.player;
    const [words, slider, place] = [snapshotWords(this.content, snapshot), this.find(".slider"), this.cursor ?? this.pin];
    slider.value = snapshot;
    slider.setAttribute("aria-valuetext", words);
    this.find(".snapshot").textContent = words;
    this.find(".play").textContent = isPlaying ? "Pause" : "Play";
    const status = this.find(".status");
    status.setAttribute("aria-live", isPlaying ? "off" : "polite"); // else every frame would be spoken
    const sentence = place ? placeSentence(this.content, snapshot, place) : HINT;
    speak(status, sentence);
  }

  describe(milliseconds) {
    const { snapshot, isPlaying } = this.player;
    const { head, query, key } = this.cursor ?? this.pin ?? { head: "", query: "", key: "" };
    const shown = { snapshot, step: this.content.steps[snapshot], playing: isPlaying, head, query: query ?? "", key };
    Object.assign(this.root.dataset, shown, { paintMs: milliseconds.toFixed(1), ready: "true" });
  }

  report() {
    if (!this.content) return;
    this.stamp = stampAfter(this.stamp);
    this.send({ step: this.content.steps[this.player.snapshot], stamp: this.stamp });
  }

  placeUnder(event) {
    return placeAt(this.layout, this.content, ...pointUnder(event, this.front, this.layout));
  }

  moveCursor(place) {
    if (isSame(place, this.cursor)) return;
    this.cursor = place;
    this.paintSnapshot();
  }

  hold(place) {
    if (!place) return;
    this.pin = isSame(place, this.pin) ? null : place;
    this.paintSnapshot();
  }

  setOwnRange(ownRange) {
    this.ownRange = ownRange;
    this.paint();
  }

  press(event) {
    if (event.key in MOVES) this.walk(...MOVES[event.key], event.shiftKey ? 10 : 1);
    else if (event.key === "Enter" || event.key === " ") this.hold(this.cursor ?? this.pin);
    else if (event.key === "Escape" && this.pin) this.hold(this.pin);
    else return;
    take(event);
  }

  walk(down, right, length) {
    const from = this.cursor ?? this.pin;
    if (!from || from.query === null) return this.moveCursor({ head: 0, query: 0, key: 0 });
    const { cells } = this.content;
    this.moveCursor({ ...from, query: within(from.query + down * length, cells), key: within(from.key + right * length, cells) });
  }

  picture() {
    const { scene, layout, player } = this;
    const suffix = `_layer_${this.content.layer + 1}_step_${this.content.steps[player.snapshot]}`;
    const paint = (context) => {
      paintStill(context, scene, layout);
      paintFrame(context, scene, layout, player.snapshot, this.pin);
    };
    return { size: layout, ink: scene.ink, paint, suffix };
  }

  table() {
    return tableOf(this.content, this.player.snapshot);
  }
}

function isSame(one, other) {
  return one?.head === other?.head && one?.query === other?.query && one?.key === other?.key;
}

export default mountOf(SnapshotsCanvas, ".snapshots");
