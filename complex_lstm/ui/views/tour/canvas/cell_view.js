// cell_view.js: the cell in the tour's picture: what is played, and a gate that is held, by a bar that is dragged or by the row of controls.

const CELL_STEP = 900; // milliseconds from one step to the next
const WHERE = [
  { words: say("all channels, every step"), isOneChannel: false, isOneStep: false },
  { words: say("this channel, every step"), isOneChannel: true, isOneStep: false },
  { words: say("all channels, this step"), isOneChannel: false, isOneStep: true },
  { words: say("this channel, this step"), isOneChannel: true, isOneStep: true },
];
const FORMULA = say("c′ is the cell state before, g the candidate. Thin lines: all channels.");

class CellView {
  constructor(canvas) {
    Object.assign(this, { canvas, row: canvas.find(".hold"), tween: null, drag: null });
    const find = (selector) => this.row.querySelector(selector);
    Object.assign(this, { gate: find(".gate"), value: find(".value"), where: find(".where"), shownValue: find("output") });
    this.gate.replaceChildren(...GATES.map((one) => element("option", { value: one, textContent: GATE_NAMES[one] })));
    this.gate.value = "f";
    this.where.replaceChildren(...WHERE.map(({ words }, value) => element("option", { value, textContent: words })));
    this.gate.addEventListener("change", () => this.fit());
    this.value.addEventListener("input", () => this.fit());
    find(".set").addEventListener("click", () => this.hold(this.reading, this.gate.value, Number(this.value.value)));
    find(".free").addEventListener("click", () => canvas.tellOf({ hold: null }));
    canvas.large.addEventListener("pointerdown", (event) => this.take(event));
    canvas.large.addEventListener("pointermove", (event) => this.pull(event));
    canvas.large.addEventListener("pointerup", () => this.drop());
    canvas.large.addEventListener("pointercancel", () => (this.drag = null));
    this.fit();
  }

  get cell() {
    return this.canvas.content.cell;
  }

  get reading() {
    return this.canvas.sheet.reading;
  }

  get shown() {
    const { row, column } = this.canvas.cursor;
    return { step: column, channel: row, chosen: this.reading, tween: this.tween };
  }

  // The controls show what is held.
  receive() {
    const hold = this.cell?.hold;
    this.row.hidden = !this.cell?.canHold;
    this.row.querySelector(".free").disabled = !hold;
    if (!hold) return;
    this.gate.value = hold.gate;
    this.fit();
    this.value.value = hold.value;
    this.fit();
  }

  fit() {
    this.value.min = this.gate.value === "g" ? -1 : 0;
    this.shownValue.textContent = written(Number(this.value.value).toFixed(2));
  }

  hold(reading, gate, value) {
    const { isOneChannel, isOneStep } = WHERE[this.where.value];
    const { row, column } = this.canvas.cursor;
    const hold = { reading, gate, value, channel: isOneChannel ? row : null, step: isOneStep ? column : null, window: this.canvas.content.window };
    this.canvas.tellOf({ hold });
  }

  partUnder(event) {
    const { canvas } = this;
    return canvas.isCell ? cellPart(canvas.layout, this.cell, canvas.cursor.row, ...pointUnder(event, canvas.large, canvas.layout)) : {};
  }

  take(event) {
    const part = this.partUnder(event);
    if (part.gate && this.cell.canHold) {
      this.drag = { ...part, isMoved: false };
      this.canvas.large.setPointerCapture(event.pointerId);
    }
  }

  pull(event) {
    if (!this.canvas.isCell) return;
    const part = this.partUnder(event);
    this.canvas.large.style.cursor = this.drag || (part.gate && this.cell.canHold) ? "ns-resize" : "pointer";
    if (!this.drag) return;
    const { value } = cellPart(this.canvas.layout, this.cell, this.canvas.cursor.row, ...this.along(event));
    if (value === undefined) return;
    Object.assign(this.drag, { value, isMoved: true });
    this.gate.value = this.drag.gate;
    this.fit();
    this.value.value = value;
    this.fit();
    this.canvas.paintFront();
  }

  // A bar is dragged up and down: what the pointer does sideways does not count.
  along(event) {
    const { canvas, drag } = this;
    const panel = canvas.layout.panels[drag.reading];
    const box = barBoxes(panel)[CELL_BARS.findIndex((bar) => bar.of === drag.gate && !bar.isBefore)];
    const [, y] = pointUnder(event, canvas.large, canvas.layout);
    return [box.x + box.width / 2, Math.min(panel.y + panel.height - 1, Math.max(panel.y + 1, y))];
  }

  drop() {
    const { drag } = this;
    this.drag = null;
    this.isDropped = Boolean(drag?.isMoved);
    if (drag?.isMoved) this.hold(drag.reading, drag.gate, drag.value);
  }

  // The click that ends a drag chooses nothing.
  click(event) {
    if (this.isDropped) return (this.isDropped = false);
    const part = this.partUnder(event);
    if (part.step !== undefined) this.canvas.goTo(part.step);
    else if (part.reading !== undefined) this.canvas.tellOf({ sheet: this.canvas.sheetOf(part.reading), row: this.canvas.cursor.row, column: this.canvas.step });
  }

  // Step by step, and between two steps every bar moves when its turn comes: gates, cell state, hidden state.
  play() {
    const { canvas } = this;
    const last = this.cell.steps - 1;
    if (STILL.matches) return canvas.goTo(canvas.step < last ? canvas.step + 1 : 0);
    let [from, begin] = [canvas.step < last ? canvas.step : 0, performance.now()];
    const move = (now) => {
      if (!canvas.isCell) return this.rest();
      const share = Math.min(1, (now - begin) / CELL_STEP);
      this.tween = { from, share };
      canvas.goTo(from + 1, true);
      if (share === 1) [from, begin] = [from + 1, now];
      if (from >= last) return this.rest();
      canvas.frame = requestAnimationFrame(move);
    };
    canvas.isPlaying = true;
    canvas.frame = requestAnimationFrame(move);
  }

  rest() {
    this.tween = null;
    this.canvas.halt();
    if (this.canvas.isCell) this.canvas.paintFront();
  }

  paint(context) {
    const { canvas, drag } = this;
    paintCell(context, canvas.scene, canvas.layout, this.shown);
    if (!drag?.isMoved) return;
    const panel = canvas.layout.panels[drag.reading];
    const box = barBoxes(panel)[CELL_BARS.findIndex((bar) => bar.of === drag.gate && !bar.isBefore)];
    const y = barPlace(box, cellRange(this.cell, canvas.cursor.row), drag.value);
    line(context, { from: [box.x - 5, y], to: [box.x + box.width + 5, y], colour: canvas.content.colours.forward, width: 3, dash: [] });
  }

  words() {
    return cellWords(this.cell, this.reading, { step: this.canvas.step, channel: this.canvas.cursor.row });
  }

  note() {
    if (!this.cell.canHold) return `${FORMULA} ${say("A gate can be held where the model is: in the app.")}`;
    return this.cell.words ? `${this.cell.words} ${say("Dashed: as it was.")}` : `${FORMULA} ${say("Drag a bar of a gate to hold it.")}`;
  }

  table() {
    const rows = CELL_READINGS.flatMap(({ layer, isBackward }, reading) =>
      Object.keys(QUANTITIES).flatMap((quantity) =>
        Array.from({ length: this.cell.steps * this.cell.channels }, (_, at) => {
          const [step, channel] = [Math.floor(at / this.cell.channels), at % this.cell.channels];
          const value = (isHeld) => cellValue(this.cell, reading, quantity, step, channel, isHeld);
          return [layer + 1, isBackward ? "backward" : "forward", quantity, step, channel, value(false), this.cell.held ? value(true) : null];
        }),
      ),
    );
    return { columns: ["layer", "direction", "quantity", "step", "channel", "value", "with the gate held"], rows };
  }
}
