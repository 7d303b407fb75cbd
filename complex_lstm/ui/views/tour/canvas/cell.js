// cell.js: one channel of the LSTM cells of a block at one step: both layers, both directions, every quantity a bar, all on one scale.
//
// A cell's content is {steps, channels, values, held, hold}: values[reading][quantity][step][channel], with the gate held in `held`.
// Readings are forward and backward of layer 1, then of layer 2. Between two steps `tween` is {from, share}. Keeps nothing.

const QUANTITIES = { i: 0, f: 1, g: 2, o: 3, c: 4, h: 5 };
const GATES = ["i", "f", "g", "o"];
const GATE_NAMES = { i: say("input gate"), f: say("forget gate"), g: say("candidate"), o: say("output gate") };
// From left to right as in c' f + i g = c and tanh(c) o = h; `in` is when a bar moves between two steps: gates, cell state, hidden state.
const CELL_BARS = [
  { symbol: "c′", name: say("before"), of: "c", isBefore: true, colours: "signed", in: [0, 0.3], sign: "×" },
  { symbol: "f", name: say("forget"), of: "f", colours: "share", in: [0.1, 0.5], sign: "+" },
  { symbol: "i", name: say("input"), of: "i", colours: "share", in: [0.1, 0.5], sign: "×" },
  { symbol: "g", name: say("candidate"), of: "g", colours: "signed", in: [0.1, 0.5], sign: "=" },
  { symbol: "c", name: say("cell"), of: "c", colours: "signed", in: [0.4, 0.8], sign: "tanh ×" },
  { symbol: "o", name: say("output"), of: "o", colours: "share", in: [0.1, 0.5], sign: "=" },
  { symbol: "h", name: say("hidden"), of: "h", colours: "signed", in: [0.7, 1], sign: "" },
];
const CELL_READINGS = [0, 1, 2, 3].map((at) => ({ layer: at >> 1, isBackward: at % 2 === 1 }));
const STRIP = 34; // pixels of the cell state over time
const PANEL_GAP = 6;
const PANEL_LEAST = { width: 240, height: 104 };
const PANEL_MOST = 190;
const CELL_HEAD = 16; // pixels above the bars, and of the symbols below
const WIDE_SIGN = 22; // pixels more between c and o
const NARROW = 30; // pixels of a bar's place that cannot hold three digits

function cellValue(cell, reading, quantity, step, channel, isHeld = cell.held !== null) {
  if (step < 0 || step >= cell.steps) return 0; // before the first step that is read
  const values = isHeld ? cell.held : cell.values;
  return values[((reading * 6 + QUANTITIES[quantity]) * cell.steps + step) * cell.channels + channel];
}

function barValue(cell, reading, bar, { step, channel, tween }, isHeld) {
  const before = bar.isBefore ? (CELL_READINGS[reading].isBackward ? 1 : -1) : 0;
  const at = (when) => cellValue(cell, reading, bar.of, when + before, channel, isHeld);
  if (!tween) return at(step);
  const [from, to] = bar.in;
  const share = Math.max(0, Math.min(1, (tween.share - from) / (to - from)));
  const eased = share * share * (3 - 2 * share);
  return at(tween.from) * (1 - eased) + at(step) * eased;
}

// One scale for all bars of the channel, at every step: a bar that grows has grown.
function cellRange(cell, channel) {
  let [low, high] = [0, 1];
  for (const values of [cell.values, cell.held].filter(Boolean)) {
    for (let place = 0; place < 24; place++) {
      for (let step = 0; step < cell.steps; step++) {
        const value = values[(place * cell.steps + step) * cell.channels + channel];
        [low, high] = [Math.min(low, value), Math.max(high, value)];
      }
    }
  }
  return { low, high };
}

// Where a value is in a bar's box, and which value is at a place.
function barPlace(box, range, value) {
  return box.y + ((range.high - value) / (range.high - range.low)) * box.height;
}

function valueAtPlace(box, range, y) {
  return range.high - ((y - box.y) / box.height) * (range.high - range.low);
}

// Two columns where two panels fit beside each other: forward left, backward right; layer 2 below layer 1, which it reads.
function layOutCell(width, room) {
  const columns = width >= 2 * PANEL_LEAST.width + PANEL_GAP ? 2 : 1;
  const rows = 4 / columns;
  const free = (room - STRIP - rows * PANEL_GAP) / rows;
  const high = Math.round(Math.min(PANEL_MOST, Math.max(PANEL_LEAST.height, columns === 2 ? free : 0)));
  const wide = (width - (columns - 1) * PANEL_GAP) / columns;
  const panels = CELL_READINGS.map((_, at) => ({
    x: (at % columns) * (wide + PANEL_GAP),
    y: STRIP + PANEL_GAP + Math.floor(at / columns) * (high + PANEL_GAP),
    width: wide,
    height: high,
  }));
  return { panels, strip: { x: 0, y: 0, width, height: STRIP }, width, height: STRIP + rows * (high + PANEL_GAP) };
}

function paintCell(context, { content, ink }, layout, shown) {
  context.fillStyle = ink.background;
  context.fillRect(0, 0, layout.width, layout.height);
  const range = cellRange(content.cell, shown.channel);
  paintStrip(context, content, ink, layout.strip, shown, range);
  layout.panels.forEach((panel, reading) => paintPanel(context, content, ink, panel, { ...shown, reading, range }));
}

// The cell state of both directions of the chosen layer over time: what has been read is drawn strongly, the rest faintly.
function paintStrip(context, { cell, colours }, ink, box, { step, channel, chosen }, range) {
  const layer = CELL_READINGS[chosen].layer;
  const inner = { y: box.y + 2, height: box.height - 4 };
  const place = (at, value) => [box.x + ((at + 0.5) * box.width) / cell.steps, barPlace(inner, range, value)];
  const zero = barPlace(inner, range, 0);
  mark(context, ink, [box.x, zero], [box.x + box.width, zero]);
  for (const isBackward of [false, true]) {
    const reading = 2 * layer + Number(isBackward);
    for (const [isRead, alpha] of [[false, 0.25], [true, 1]]) {
      context.save();
      Object.assign(context, { globalAlpha: alpha, strokeStyle: isBackward ? colours.backward : colours.forward, lineWidth: 2, lineJoin: "round" });
      context.beginPath();
      const [first, last] = isRead === isBackward ? [step, cell.steps - 1] : [0, step];
      for (let at = first; at <= last; at++) context.lineTo(...place(at, cellValue(cell, reading, "c", at, channel)));
      context.stroke();
      context.restore();
    }
  }
  const [x] = place(step, 0);
  line(context, { from: [x, box.y], to: [x, box.y + box.height], colour: ink.text, width: 1.5, dash: [] });
  write(context, say("c of channel {channel} over time, layer {layer}", { channel, layer: layer + 1 }), box.x + 4, box.y + 11, { font: ink.small, colour: ink.faint });
}

function paintPanel(context, content, ink, panel, shown) {
  const { layer, isBackward } = CELL_READINGS[shown.reading];
  const { cell, colours } = content;
  const isChosen = shown.chosen === shown.reading;
  Object.assign(context, { strokeStyle: isChosen ? ink.text : ink.border, lineWidth: isChosen ? 1.5 : 1 });
  context.strokeRect(panel.x + 1, panel.y + 1, panel.width - 2, panel.height - 2);
  context.fillStyle = isBackward ? colours.backward : colours.forward;
  context.fillRect(panel.x + 1, panel.y + 1, 4, panel.height - 2);
  const title = isBackward ? say("← backward, layer {layer}", { layer: layer + 1 }) : say("→ forward, layer {layer}", { layer: layer + 1 });
  write(context, title, panel.x + 10, panel.y + 13, { font: isChosen ? ink.strong : ink.small, colour: ink.text });
  const read = say("has read {first} to {last}", { first: isBackward ? cell.steps - 1 : 0, last: shown.step });
  write(context, read, panel.x + panel.width - 6, panel.y + 13, { font: ink.small, colour: ink.faint, align: "right" });
  const bars = barBoxes(panel);
  const zero = barPlace(bars[0], shown.range, 0);
  mark(context, ink, [panel.x + 8, zero], [panel.x + panel.width - 6, zero]);
  CELL_BARS.forEach((bar, at) => paintBar(context, content, ink, bars[at], bar, shown));
}

// The sign between c and o takes more room than the others.
function barBoxes(panel) {
  const [left, right] = [panel.x + 8, panel.x + panel.width - 4];
  const slot = (right - left - WIDE_SIGN) / CELL_BARS.length;
  const width = Math.min(34, slot * 0.56);
  const [y, height] = [panel.y + CELL_HEAD + 14, panel.height - 2 * CELL_HEAD - 26];
  return CELL_BARS.map((_, at) => ({ x: left + at * slot + (at > 4 ? WIDE_SIGN : 0) + 8, width, slot, y, height }));
}

function paintBar(context, content, ink, box, bar, { reading, range, ...shown }) {
  const { cell, palettes } = content;
  const value = barValue(cell, reading, bar, shown);
  const [zero, end] = [barPlace(box, range, 0), barPlace(box, range, value)];
  paintOtherChannels(context, cell, ink, box, bar, { reading, range, step: shown.step });
  const shade = bar.colours === "share" ? value : (1 + value / Math.max(range.high, -range.low)) / 2;
  context.fillStyle = rgbOf(palettes[bar.colours][Math.round(255 * Math.max(0, Math.min(1, shade)))]);
  const [high, tall] = [Math.min(zero, end), Math.max(1, Math.abs(zero - end))];
  context.fillRect(box.x, high, box.width, tall);
  Object.assign(context, { strokeStyle: ink.text, lineWidth: 1 });
  context.strokeRect(box.x, high, box.width, tall);
  if (cell.held) {
    const own = barPlace(box, range, barValue(cell, reading, bar, shown, false));
    line(context, { from: [box.x - 3, own], to: [box.x + box.width + 3, own], colour: ink.text, width: 1.5, dash: [3, 2] });
  }
  const centre = box.x + box.width / 2;
  const style = { font: ink.small, colour: ink.text, align: "center", most: box.slot + 2 };
  write(context, written(value.toFixed(box.slot < NARROW ? 1 : 2)), centre, value < 0 ? end + 11 : end - 3, style);
  const isHeld = isHeldBar(cell.hold, reading, bar, shown);
  const bottom = box.y + box.height + 24;
  const symbol = isHeld ? say("held") : box.slot > 74 ? `${bar.symbol} ${bar.name}` : bar.symbol;
  write(context, symbol, centre, bottom, { ...style, font: ink.strong });
  const gap = box.slot + (bar.of === "c" && !bar.isBefore ? WIDE_SIGN : 0);
  write(context, bar.sign, centre + gap / 2, bottom, { ...style, colour: ink.faint, most: Infinity });
}

// Left of a bar a short line for every channel: whether the chosen one is usual.
function paintOtherChannels(context, cell, ink, box, bar, { reading, range, step }) {
  context.save();
  Object.assign(context, { globalAlpha: Math.max(0.1, Math.min(0.5, 10 / cell.channels)), fillStyle: ink.text });
  for (let channel = 0; channel < cell.channels; channel++) {
    const value = barValue(cell, reading, bar, { step, channel });
    if (value >= range.low && value <= range.high) context.fillRect(box.x - 7, barPlace(box, range, value) - 0.5, 6, 1);
  }
  context.restore();
}

function isHeldBar(hold, reading, bar, { step, channel }) {
  if (!hold || hold.reading !== reading || hold.gate !== bar.of || bar.isBefore) return false;
  return (hold.channel === null || hold.channel === channel) && (hold.step === null || hold.step === step);
}

function rgbOf(packed) {
  return `rgb(${packed & 255},${(packed >> 8) & 255},${(packed >> 16) & 255})`;
}

// What is under a point: a step of the strip, or a panel and, where it is one that can be held, its gate and the value at this height.
function cellPart(layout, cell, channel, x, y) {
  const { strip, panels } = layout;
  if (y <= strip.height) return { step: within(Math.floor(((x - strip.x) / strip.width) * cell.steps), cell.steps) };
  const reading = panels.findIndex((one) => x >= one.x && x <= one.x + one.width && y >= one.y && y <= one.y + one.height);
  if (reading < 0) return {};
  const boxes = barBoxes(panels[reading]);
  const at = boxes.findIndex((box) => x >= box.x - 4 && x <= box.x + box.width + 4);
  const bar = CELL_BARS[at];
  if (!bar || bar.isBefore || !GATES.includes(bar.of)) return { reading };
  return { reading, gate: bar.of, value: heldValue(bar.of, valueAtPlace(boxes[at], cellRange(cell, channel), y)) };
}

function heldValue(gate, value) {
  return Math.round(100 * Math.min(1, Math.max(gate === "g" ? -1 : 0, value))) / 100;
}

function cellWords(cell, reading, { step, channel }) {
  const { layer, isBackward } = CELL_READINGS[reading];
  const parts = CELL_BARS.map((bar) => `${bar.symbol} ${sixDigits(barValue(cell, reading, bar, { step, channel }))}`);
  const values = { layer: layer + 1, channel, step, parts: parts.join(", ") };
  if (isBackward) return say("Backward, layer {layer}, channel {channel}, step {step}: {parts}", values);
  return say("Forward, layer {layer}, channel {channel}, step {step}: {parts}", values);
}
