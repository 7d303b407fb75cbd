// canvas.js: the component itself. It paints what the visitor brushes, draws or drags at once, and tells Python when it is done, and
// from time to time while it moves.

const KEYS = "With the keyboard: arrows move, Enter begins and ends a segment, + and - shift it (Page Up and Down by more), Escape gives up.";
const HINTS = {
  brush: "Drag over the rows to brush a segment.",
  draw: "Drag along a row to draw its series anew. Without a mouse: choose Draw below and type the points.",
  lift: "Drag the brushed segment up or down to shift it; outside it the mouse brushes another.",
};
const BETWEEN_PREVIEWS = 150; // milliseconds
const LONGEST_ANSWER = 1500; // milliseconds after which a preview that was not answered counts as lost
const LIFTS = { "+": 1, "=": 1, "-": -1, PageUp: 10, PageDown: -10 }; // = is + without Shift

class SeriesCanvas {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.front = this.find("canvas.rows");
    this.still = document.createElement("canvas"); // the figure without segment, path and cursor
    this.cursor = this.anchor = this.path = this.lift = null;
    this.stamp = 0;
    this.preview = { sentAt: -Infinity, isAnswered: true, sent: null, stamp: 0 };
    this.front.title = KEYS;
    this.listen();
    this.watch = repaintOf(this, this.root);
  }

  leave() {
    this.watch.disconnect();
    clearTimeout(this.timer);
    this.content = null; // a late event must not keep or paint the series
  }

  listen() {
    offerDownloads(this, this.find(".take"));
    this.find(".modes").addEventListener("change", () => this.giveUp());
    this.front.addEventListener("pointerdown", (event) => this.begin(event));
    this.front.addEventListener("pointermove", (event) => this.move(event));
    this.front.addEventListener("pointerup", () => this.end());
    this.front.addEventListener("pointercancel", () => this.giveUp());
    this.front.addEventListener("pointerleave", () => this.anchor || this.path || this.lift || this.show({ cursor: null }));
    this.front.addEventListener("blur", () => this.lift && !this.lift.isTold && this.giveUp());
    this.front.addEventListener("keydown", (event) => this.press(event));
  }

  get mode() {
    return this.find(".modes input:checked").value;
  }

  receive(bytes) {
    const header = readHeader(bytes);
    if (header.token !== this.root.dataset.token) this.fill(readContent(bytes, header));
    this.content.file = header.file;
    const order = JSON.stringify(header.order);
    if (order !== this.order) this.segment = header.order.segment;
    this.order = order;
    if (this.path?.isTold) this.path = null; // the series has followed it, or could not
    if (this.lift?.isTold) this.lift = null;
    this.paint(); // also when nothing is new: the theme may be another
    if (header.answered === this.preview.stamp) this.preview.isAnswered = true;
    this.follow();
  }

  fill(content) {
    this.content = content;
    this.cursor = this.anchor = this.path = this.lift = null;
    this.root.dataset.token = content.token;
    this.front.setAttribute("aria-label", `${content.rows.length} series over ${content.steps} steps`);
  }

  paint() {
    this.width = widthOf(this.root);
    const ink = { ...inkOf(this.root), primary: getComputedStyle(this.root).getPropertyValue("--st-primary-color").trim() };
    this.scene = { content: this.content, ink };
    this.layout = layOut(this.front.getContext("2d"), this.content, ink, this.width);
    paintScene(sized(this.still, this.layout, devicePixelRatio), this.scene, this.layout);
    this.context = sized(this.front, this.layout, devicePixelRatio);
    this.show({});
  }

  // Paints the front anew, with these changes of what follows the visitor.
  show(changes) {
    if (!this.content) return;
    Object.assign(this, changes);
    this.context.drawImage(this.still, 0, 0, this.layout.width, this.layout.height); // all of it is opaque: nothing to clear
    const cursor = this.path || this.lift ? null : this.cursor;
    paintMarks(this.context, this.scene, this.layout, { segment: this.brushed, path: this.path, lift: this.lift, cursor });
    this.say();
    const { first, last, features } = this.brushed;
    Object.assign(this.root.dataset, { first, last, features: features.join(","), lift: this.lift?.amount ?? "", ready: "true" });
    const isHeld = this.mode === "lift" && (this.lift || (cursor && isIn(this.content, this.segment, cursor)));
    Object.assign(this.front.style, { cursor: isHeld ? "ns-resize" : "", touchAction: this.mode === "lift" ? "none" : "" });
  }

  get brushed() {
    return this.anchor ? segmentBetween(this.content, this.anchor, this.cursor) : this.segment;
  }

  say() {
    const hint = this.mode === "draw" ? HINTS.draw : `${segmentSentence(this.content, this.brushed)} ${HINTS[this.mode]}`;
    const pointed = this.cursor && !this.anchor ? cellSentence(this.content, this.cursor) : hint;
    const lifted = this.lift ? liftSentence(this.content, this.segment, this.lift) : pointed;
    speak(this.find(".status"), this.path ? pathSentence(this.content, this.path) : lifted);
  }

  begin(event) {
    const { place, y } = this.under(event);
    if (!place.isInside) return;
    this.front.setPointerCapture(event.pointerId);
    if (this.mode === "draw") {
      this.show({ path: { row: place.row, points: [{ step: place.step, value: valueAt(this.layout, this.content, place.row, y) }] } });
    } else if (this.mode === "lift" && isIn(this.content, this.segment, place)) {
      this.show({ cursor: place, lift: { row: place.row, grabbed: y, amount: 0 } });
    } else this.show({ cursor: place, anchor: place, lift: null });
  }

  move(event) {
    if (!this.content) return;
    const { place, y } = this.under(event);
    if (this.lift) {
      if (this.lift.isTold || this.lift.grabbed === undefined) return;
      this.show({ lift: { ...this.lift, amount: this.amountAt(y) } });
      return this.follow();
    }
    if (!this.path || this.path.isTold) return this.show({ cursor: place.isInside || this.anchor ? place : null });
    const { row, points } = this.path;
    this.show({ path: { row, points: withPoint(points, { step: place.step, value: valueAt(this.layout, this.content, row, y) }) } });
    this.follow();
  }

  // What is dragged or drawn at this moment and is no edit yet, as Python reads it; null where nothing is.
  get moving() {
    if (this.lift && !this.lift.isTold) return { segment: this.segment, path: null, shift: this.lift.amount };
    return this.path && !this.path.isTold ? { segment: this.segment, path: this.pathToTell(), shift: null } : null;
  }

  // Tells Python where a drag is while it goes on, so that the page follows. One preview at a time: a newer one would end the run
  // that draws the last.
  follow() {
    clearTimeout(this.timer);
    if (!this.content || !this.moving || JSON.stringify(this.moving) === this.preview.sent) return;
    const wait = this.preview.sentAt + (this.preview.isAnswered ? BETWEEN_PREVIEWS : LONGEST_ANSWER) - performance.now();
    if (wait > 0) {
      this.timer = setTimeout(() => this.follow(), wait);
      return;
    }
    const moving = this.moving;
    this.tell({ ...moving, isPreview: true });
    this.preview = { sentAt: performance.now(), isAnswered: false, sent: JSON.stringify(moving), stamp: this.stamp };
  }

  // How far the row's own scale goes from where it was grabbed to here.
  amountAt(y) {
    const { row, grabbed } = this.lift;
    const { low, high } = this.content.rows[row];
    return Number((((grabbed - y) / this.layout.rows[row].height) * (high - low)).toPrecision(3));
  }

  end() {
    if (this.path && !this.path.isTold) this.tellPath();
    else if (this.lift && !this.lift.isTold) this.tellLift();
    else if (this.anchor) this.tellSegment();
  }

  giveUp() {
    this.show({ anchor: null, path: null, lift: null });
    if (this.preview.sent) this.report({}); // the page takes the preview back
  }

  tellSegment() {
    this.show({ segment: this.brushed, anchor: null });
    this.report({});
  }

  tellLift() {
    if (!this.lift.amount) return this.giveUp();
    this.show({ lift: { ...this.lift, isTold: true } }); // it stays to be seen until the series follows
    this.report({ shift: this.lift.amount });
  }

  tellPath() {
    const path = this.pathToTell();
    const segment = { first: path.points[0][0], last: path.points.at(-1)[0], features: [path.feature] };
    this.show({ segment, path: { ...this.path, isTold: true } }); // it stays to be seen until the series follows
    this.report({ path });
  }

  pathToTell() {
    const { row, points } = this.path;
    return { feature: this.content.rows[row].number, points: inOrder(points).map(({ step, value }) => [step, value]) };
  }

  report({ path = null, shift = null }) {
    clearTimeout(this.timer);
    this.preview.sent = null;
    this.tell({ segment: this.segment, path, shift, isPreview: false });
  }

  tell(report) {
    this.stamp = stampAfter(this.stamp);
    this.send({ ...report, stamp: this.stamp });
  }

  press(event) {
    if (event.key in MOVES) this.step(...MOVES[event.key], event.shiftKey ? 10 : 1);
    else if (event.key in LIFTS) this.liftBy(LIFTS[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.anchor || this.lift ? this.end() : this.cursor && this.show({ anchor: this.cursor });
    else if (event.key === "Escape" && (this.anchor || this.path || this.lift)) this.giveUp();
    else return;
    take(event);
  }

  // Moves the segment by so many fiftieths of its first row's range.
  liftBy(times) {
    const row = this.content.rows.findIndex(({ number }) => this.segment.features.includes(number));
    if (row < 0 || this.anchor || this.path || this.lift?.isTold) return;
    const { low, high } = this.content.rows[row];
    const amount = (this.lift?.amount ?? 0) + times * Number(((high - low) / 50).toPrecision(1));
    this.show({ lift: { row, amount: Number(amount.toPrecision(6)) } });
    this.follow();
  }

  step(down, right, length) {
    const { steps, rows } = this.content;
    if (!this.cursor) return this.show({ cursor: { step: within(this.segment.first, steps), row: 0 } });
    this.show({ cursor: { step: within(this.cursor.step + right * length, steps), row: within(this.cursor.row + down * length, rows.length) } });
  }

  under(event) {
    const [x, y] = pointUnder(event, this.front, this.layout);
    return { place: placeOf(this.layout, this.content, x, y), y };
  }

  picture() {
    const paint = (context) => {
      paintScene(context, this.scene, this.layout);
      paintMarks(context, this.scene, this.layout, { segment: this.segment, path: null, lift: null, cursor: null });
    };
    return { size: this.layout, ink: this.scene.ink, paint };
  }

  table() {
    return tableOf(this.content);
  }
}

export default mountOf(SeriesCanvas, ".series");
