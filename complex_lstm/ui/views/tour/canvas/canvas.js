// canvas.js: the component itself. A step of the cursor is painted here at once; Python hears only what is chosen.

const WORDS_BELOW = 54; // pixels of the status and the note
const HOLD_ROW = 34; // more, for the controls of a cell, which has no status
const MOVE = 900; // milliseconds of the short move to the cell that a page is about
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

const PLAY = { model: say("Play the forward pass"), block: say("Walk through time"), cell: say("Play the cell") };
const PLAY_BY_HAND = { ...PLAY, model: say("Next box"), cell: say("Next step") }; // for who wants no motion
const READING_OF_SHEET = [null, 0, 1, 2, 3]; // of a BiLSTM block: its output, then the hidden states of its readings

class TourCanvas {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.large = this.find("canvas.large");
    this.image = document.createElement("canvas");
    this.still = document.createElement("canvas"); // the sheet without cursor and marks
    this.cursor = { row: 0, column: 0 };
    this.goal = null; // the column that the cursor is on its way to
    this.step = 0; // of the time cursor, also while a sheet without time is open
    this.stamp = 0;
    this.level = "block"; // or the whole model, or a cell: the last by its sheet
    this.cellView = new CellView(this);
    this.flow = new FlowView(this);
    this.name();
    this.listen();
    this.watch = repaintOf(this, this.root);
    this.resized = () => this.content && this.paint();
    window.addEventListener("resize", this.resized);
  }

  leave() {
    this.watch.disconnect();
    window.removeEventListener("resize", this.resized);
    this.halt();
    this.content = null; // a late event must not keep or paint the tensors
  }

  // The page's own parts, in its language.
  name() {
    this.root.lang = SPOKEN.language;
    const texts = { ".zoom .model": say("Model"), ".zoom .inside": say("Cell"), ".hold .set": say("Hold"), ".hold .free": say("Let go"), ".hold .what": say("Hold the") };
    for (const [selector, text] of Object.entries(texts)) this.find(selector).textContent = text;
    this.large.setAttribute("aria-roledescription", say("heat map"));
    const labels = {
      ".slider": say("Time step of the cursor"),
      ".boxes": say("Boxes of the model: arrow keys lead from one to the next"),
      ".sheets": say("Sheets of the opened box: arrow keys lead from one to the next"),
      ".take": say("Take this figure along"),
      ".zoom": say("Zoom"),
      ".hold": say("Hold a gate of the chosen reading"),
      ".hold .value": say("Value at which the gate is held"),
      ".hold .where": say("Where the gate is held"),
    };
    this.root.setAttribute("aria-label", say("The whole model on this window"));
    for (const [selector, label] of Object.entries(labels)) this.find(selector).setAttribute("aria-label", label);
  }

  listen() {
    offerDownloads(this, this.find(".take"));
    for (const list of [".boxes", ".sheets"]) leadByArrows(this.find(list));
    this.find(".play").addEventListener("click", () => this.play());
    this.find(".zoom .model").addEventListener("click", () => this.zoomTo("model"));
    this.find(".zoom .block").addEventListener("click", () => this.zoomTo("block"));
    this.find(".zoom .inside").addEventListener("click", () => this.zoomTo("cell"));
    this.find(".slider").addEventListener("input", (event) => this.goTo(Number(event.target.value)));
    this.large.addEventListener("click", (event) => (this.isCell ? this.cellView.click(event) : this.choose(this.cellUnder(event))));
    this.large.addEventListener("pointermove", (event) => event.buttons === 0 && !this.isCell && this.pointAt(this.cellUnder(event)));
    this.large.addEventListener("keydown", (event) => this.press(event));
  }

  receive(bytes) {
    const header = readHeader(bytes);
    if (header.token !== this.root.dataset.token) this.fill(readContent(bytes, header));
    const order = JSON.stringify(header.order);
    const isNew = order !== this.order;
    if (isNew) this.view = { ...header.order.view };
    this.order = order;
    const { file, veiled, isFile, outlines } = header; // a file taken along has no model
    Object.assign(this.content, { file, veiled, isFile, outlines });
    showOutlines(this.root, this.content, (region) => this.lead(region));
    this.find(".take").hidden = header.veiled;
    this.fit();
    if (header.cell) this.view.hold = header.cell.hold && { ...header.cell.hold, window: header.window };
    this.cellView.receive();
    this.paint(); // also when nothing is new: the theme may be another
    if (isNew) this.arrive();
  }

  fill(content) {
    this.content = content;
    this.root.dataset.token = content.token;
    this.find(".boxes").replaceChildren(...content.boxes.map((_, number) => boxItem(content, number, (box) => this.open(box))));
    this.root.style.setProperty("--forward", content.colours.forward);
    this.root.style.setProperty("--backward", content.colours.backward);
    const focused = this.root.getRootNode().activeElement?.dataset.sheet;
    const buttons = content.sheets.map((sheet, number) => this.sheetButton(sheet, number)).filter((_, number) => content.sheets[number].reading === null);
    const isFirst = (button) => content.sheets[button.dataset.sheet].comesFirst;
    buttons.sort((one, other) => isFirst(other) - isFirst(one)); // those alike stay in their order
    this.find(".sheets").classList.toggle("inner", content.sheets.some((sheet) => sheet.comesFirst));
    this.find(".sheets").replaceChildren(...buttons);
    buttons.find((button) => button.dataset.sheet === focused)?.focus();
    this.find(".sheets").hidden = content.sheets.length === 1;
    this.find(".zoom .block").textContent = content.boxes[content.opened].title;
    this.find(".slider").max = content.times.length - 1;
  }

  sheetButton(sheet, number) {
    const button = element("button", { type: "button", textContent: sheet.label });
    button.dataset.sheet = number;
    if (this.content.sheets.some((one) => one.comesFirst)) button.prepend(paintCells(element("canvas", {}, { "aria-hidden": "true" }), sheet, this.content.palettes));
    button.addEventListener("click", () => this.tellOf({ sheet: number }));
    return button;
  }

  // A view outlives its window: what no longer exists gives way to the nearest that does.
  fit() {
    this.view.sheet = within(this.view.sheet, this.content.sheets.length);
    const { width, height } = this.sheet;
    this.view = { ...this.view, row: within(this.view.row, height), column: within(this.view.column, width) };
    this.cursor = { row: within(this.cursor.row, height), column: within(hasTime(this.sheet) ? this.step : this.cursor.column, width) };
    this.step = within(this.step, this.content.times.length);
  }

  get sheet() {
    return this.content.sheets[this.view.sheet];
  }

  // The numbers of a cell come from Python when its sheet is chosen: until then the sheet is a heat map.
  get isCell() {
    return Boolean(this.content?.cell) && this.sheet.reading !== null;
  }

  sheetOf(reading) {
    return this.content.sheets.findIndex((sheet) => sheet.reading === reading);
  }

  // Text, then a short move, then rest: who wants no motion is there at once.
  arrive() {
    this.cursor.row = this.view.row;
    if (hasTime(this.sheet)) this.walk(this.step, this.view.column, MOVE, true); // from either side
    else this.moveTo({ row: this.view.row, column: this.view.column });
  }

  walk(from, to, length, isArriving = false) {
    this.halt();
    this.goal = isArriving ? to : null;
    if (STILL.matches) return this.goTo(to);
    const begin = performance.now();
    const move = (now) => {
      if (!this.content) return;
      const share = Math.min(1, (now - begin) / length);
      this.goTo(Math.round(from + share * (to - from)), true);
      if (share < 1) this.frame = requestAnimationFrame(move);
      else this.halt();
    };
    this.frame = requestAnimationFrame(move);
  }

  // Who acts while the cursor is still on its way acts where it goes.
  settle() {
    const { goal } = this;
    this.halt();
    if (goal !== null) this.goTo(goal);
  }

  // In place: the model's boxes give way to a block's sheets, and these to its cell.
  zoomTo(level) {
    this.settle();
    this.flow.leave();
    const [{ row, column }, isIn] = [this.cursor, this.isCell];
    const from = level === "block" && this.level === "model" ? this.root.querySelector(`.box[data-box="${this.view.box}"] .frame`).getBoundingClientRect() : null;
    this.level = level === "model" ? "model" : "block";
    this.zoomed = from ?? this.zoomed;
    if (level === "cell" && !isIn) {
      this.zoomed = this.cellOnScreen();
      return this.tellOf({ sheet: this.sheetOf(READING_OF_SHEET[this.view.sheet] ?? 0), row, column });
    }
    if (level === "block" && isIn) return this.tellOf({ sheet: READING_OF_SHEET.indexOf(this.sheet.reading), row, column });
    this.paint();
    if (level === "model") speak(this.find(".status"), say("All boxes, in the order of the forward pass. Play follows this window through them."));
  }

  cellOnScreen() {
    const [box, { plot, cell, width }] = [this.large.getBoundingClientRect(), this.layout];
    const scale = box.width / width;
    const at = (start, size, number) => (start + size * number) * scale;
    const { row, column } = this.cursor;
    return { left: box.left + at(plot.x, cell.width, column), top: box.top + at(plot.y, cell.height, row), width: cell.width * scale, height: cell.height * scale };
  }

  // Through time from here, or from the start if the end is reached; pressed again it stops.
  play() {
    if (this.isPlaying) return this.isCell ? this.cellView.rest() : this.halt();
    if (this.level === "model") this.flow.play();
    else if (this.isCell) this.cellView.play();
    else {
      this.walk(0, this.content.times.length - 1, 4 * MOVE);
      this.isPlaying = !STILL.matches;
    }
    this.showPlaying();
  }

  halt() {
    cancelAnimationFrame(this.frame);
    this.goal = null;
    this.isPlaying = false;
    this.cellView.tween = null;
    this.flow.halt();
    this.showPlaying();
  }

  showPlaying() {
    const level = this.root.dataset.level ?? "block";
    this.find(".play").textContent = this.isPlaying ? say("Pause") : (STILL.matches ? PLAY_BY_HAND : PLAY)[level];
    this.root.dataset.playing = Boolean(this.isPlaying);
    this.find(".status").setAttribute("aria-live", this.isPlaying ? "off" : "polite"); // else every step would be spoken
  }

  // Move the time cursor; a key or the slider ends a move that is under way.
  goTo(step, isMove = false) {
    if (!isMove) this.halt();
    this.step = within(step, this.content.times.length);
    if (hasTime(this.sheet)) this.cursor.column = this.step;
    this.paintFront();
  }

  moveTo({ row, column }) {
    this.cursor.row = within(row, this.sheet.height);
    if (hasTime(this.sheet)) return this.goTo(column);
    this.cursor.column = within(column, this.sheet.width);
    this.paintFront();
  }

  pointAt(cell) {
    if (cell && (cell.row !== this.cursor.row || cell.column !== this.cursor.column)) this.moveTo(cell);
  }

  open(box) {
    if (this.level === "model") this.zoomed = this.root.querySelector(`.box[data-box="${box}"] .frame`).getBoundingClientRect();
    this.settle();
    this.flow.leave();
    this.level = "block";
    const column = hasTime(this.content.boxes[box]) ? this.step : 0;
    this.tellOf({ box, sheet: 0, row: 0, column, hold: null });
  }

  // To what is outlined: its box, its sheet and its first cell.
  lead({ box, sheet, rows, columns }) {
    const [row, column] = [Math.max(0, rows?.[0] ?? this.view.row), Math.max(0, columns?.[0] ?? this.step)];
    const isHere = box === this.content.opened;
    this.settle();
    this.flow.leave();
    this.level = "block";
    if (isHere) this.moveTo({ row, column });
    this.tellOf({ box, sheet: sheet ?? (isHere && hasTime(this.sheet) && !this.isCell ? this.view.sheet : 0), row, column, hold: null });
  }

  choose(cell) {
    if (!cell) return;
    this.moveTo(cell);
    this.tellOf(cell);
  }

  tellOf(change) {
    this.view = { ...this.view, ...change };
    if (this.view.box === this.content.opened) {
      this.fit();
      this.paint();
    } else this.showChoice(); // the numbers of another box come from Python
    this.stamp = stampAfter(this.stamp);
    this.send({ ...this.view, stamp: this.stamp });
  }

  paint() {
    const begin = performance.now();
    this.root.dataset.level = this.level === "model" ? "model" : this.isCell ? "cell" : "block";
    this.width = widthOf(this.root);
    const { content, sheet } = this;
    const image = paintCells(this.image, sheet, content.palettes);
    this.scene = { content, sheet, image, ink: inkOf(this.root) };
    const place = this.large.getContext("2d");
    this.layout = this.isCell ? layOutCell(this.width, this.roomBelow() - HOLD_ROW) : layOut(place, this.scene, this.width, this.roomBelow());
    if (!this.isCell) paintSheet(sized(this.still, this.layout, devicePixelRatio), this.scene, this.layout);
    this.context = sized(this.large, this.layout, devicePixelRatio);
    this.showChoice();
    this.root.dataset.veiled = content.veiled;
    this.find(".note").textContent = this.isCell ? this.cellView.note() : sheetNote(content, sheet, this.layout);
    this.showPlaying();
    this.paintFront();
    if (this.zoomed && this.root.dataset.level !== "model" && (this.isCell || this.sheet.reading === null)) {
      growFrom(this.large, this.zoomed);
      this.zoomed = null;
    }
    Object.assign(this.root.dataset, { paintMs: (performance.now() - begin).toFixed(1), ready: "true" });
  }

  // How high the sheet can be if all of it, and the words below it, are to be seen without scrolling.
  roomBelow() {
    const scroller = this.root.getRootNode().host?.closest('[data-testid="stMain"]');
    const top = this.large.getBoundingClientRect().top + (scroller?.scrollTop ?? 0);
    return (window.innerHeight - top) / (this.root.currentCSSZoom ?? 1) - WORDS_BELOW;
  }

  showChoice() {
    showPressed(this.root.querySelectorAll(".box"), (box) => Number(box.dataset.box) === this.view.box);
    showPressed(this.root.querySelectorAll(".sheets button"), (button) => Number(button.dataset.sheet) === this.view.sheet);
    for (const [name, level] of [["model", "model"], ["block", "block"], ["inside", "cell"]]) {
      this.find(`.zoom .${name}`).setAttribute("aria-pressed", level === this.root.dataset.level);
    }
    this.find(".zoom .inside").hidden = this.content.veiled || this.sheetOf(0) < 0; // a cell is nothing but numbers
    const { sheet, content } = this;
    const { rows, across } = sheet.axes;
    const size = say("{height} by {width}, {rows} by {across}", { ...sheet, rows: rows || say("one row"), across });
    const what = { box: content.boxes[content.opened].title, sheet: sheet.label, size };
    this.large.setAttribute("aria-label", say("{box}, {sheet}: {size}. Arrow keys move, Enter chooses.", what));
    const { box, sheet: number, row, column } = this.view;
    Object.assign(this.root.dataset, { box, sheet: number, row, column, opened: content.opened });
  }

  paintFront() {
    const { context, layout, content, cursor } = this;
    if (this.isCell) this.cellView.paint(context);
    else {
      context.drawImage(this.still, 0, 0, layout.width, layout.height); // all of it is opaque: nothing to clear
      paintOutlines(context, this.scene, layout, this.view);
      paintMarks(context, this.scene, layout, { cursor, chosen: this.view });
    }
    placeCursors(this.root, this.step, content.times.length);
    this.find(".slider").value = this.step;
    const number = say("step {step}", { step: this.step });
    const moment = `${number}${content.times[this.step] === String(this.step) ? "" : ` · ${content.times[this.step]}`}`;
    const next = content.veiled ? say("Its value is shown when the question is answered.") : say("Click or press Enter for its arithmetic.");
    speak(this.find(".moment"), moment);
    const outlined = outlineWords(this.scene, this.view, cursor);
    const words = `${cellSentence(content, this.sheet, cursor)}${outlined}. ${outlined || (content.isFile && !content.veiled) ? "" : next}`;
    if (this.level !== "model") speak(this.find(".status"), this.isCell ? this.cellView.words() : words);
    this.root.dataset.step = this.step;
  }

  // The sheet with its name and the range of its values, which stand beside it on the page.
  picture() {
    const { content, sheet, layout } = this;
    const size = { width: layout.width, height: layout.height + 3 * LINE };
    const suffix = `_${content.boxes[content.opened].name}_${sheet.label}`.toLowerCase().replace(/\W+/g, "_");
    if (this.isCell) return { size: layout, ink: this.scene.ink, paint: (context) => this.cellView.paint(context), suffix };
    const paint = (context) => {
      const { ink } = this.scene;
      write(context, `${content.boxes[content.opened].title}: ${sheet.label}`, 0, LINE, { font: ink.strong, colour: ink.text, most: layout.width });
      context.translate(0, LINE + 6);
      paintSheet(context, this.scene, layout);
      write(context, rangeNote(content, sheet, layout), 0, layout.height + LINE, { font: ink.small, colour: ink.faint, most: layout.width });
    };
    return { size, ink: this.scene.ink, paint, suffix };
  }

  table() {
    return this.isCell ? this.cellView.table() : tableOf(this.content, this.sheet);
  }

  cellUnder(event) {
    return cellAt(this.layout, this.sheet, ...pointUnder(event, this.large, this.layout));
  }

  press(event) {
    const [down, right] = MOVES[event.key] ?? [];
    const length = event.shiftKey ? 10 : 1;
    if (down !== undefined) this.moveTo({ row: this.cursor.row + down * length, column: this.cursor.column + right * length });
    else if (event.key === "Home") this.moveTo({ ...this.cursor, column: 0 });
    else if (event.key === "End") this.moveTo({ ...this.cursor, column: this.sheet.width - 1 });
    else if (event.key === "Enter" || event.key === " ") this.choose(this.cursor);
    else return;
    take(event);
  }
}

export default mountOf(TourCanvas, ".tour");
