// figure.js: where everything stands, and what stays the same at every snapshot: series, times, names, colour bar.
//
// A scene is {content, ink, ownRange, palette, tile}; lengths are CSS pixels, and the caller scales the context.

const MAPS_HEIGHT = 500; // of all rows of maps: with player and strips they fit a laptop's screen
const LARGEST_SIDE = 300;
const SMALLEST_SIDE = 140;
const LEFT = 48;
const RIGHT = 8;
const TITLE = 24;
const GAP = 10;
const LEGEND = 40;
const BAR = { width: 200, height: 10 };
const TICKS = 18;
const AXIS_TITLE = 18;
const HEADING = 26;
const GATE = 54;
const SERIES = 84;
const PADDING = 5;

function layOut(context, content, ink, width, ratio) {
  const room = Math.max(width - LEFT - RIGHT, SMALLEST_SIDE);
  const columns = columnCount(content.heads, content.cells, room, ratio);
  const rows = Math.ceil(content.heads / columns);
  const side = sideOf(columns, content.cells, room, ratio);
  const snap = (at) => Math.round(at * ratio) / ratio;
  const maps = Array.from({ length: content.heads }, (_, head) => ({
    x: snap(LEFT + (head % columns) * (side + GAP)),
    y: snap(LEGEND + Math.floor(head / columns) * (side + TITLE) + TITLE),
    width: side,
    height: side,
  }));
  const label = labelSize(context, content.times, ink);
  const gate = { x: LEFT, y: LEGEND + rows * (side + TITLE) + TICKS + AXIS_TITLE + HEADING, width: room, height: GATE };
  const series = { x: LEFT, y: gate.y + GATE + HEADING, width: room, height: content.names.length ? SERIES : 0 };
  const bottom = content.names.length ? series.y + SERIES : gate.y + GATE;
  return { maps, columns, side, cell: side / content.cells, gate, series, label, bottom, width: LEFT + room + RIGHT, height: bottom + label.height + AXIS_TITLE + GAP };
}

// As many columns as make the maps largest on one screen; where that makes them small, fewer, and the page scrolls.
function columnCount(heads, cells, room, ratio) {
  const choices = Array.from({ length: heads }, (_, at) => {
    const side = sideOf(at + 1, cells, room, ratio);
    return { columns: at + 1, side, height: Math.ceil(heads / (at + 1)) * (side + TITLE) };
  });
  const pick = (some, isBetter) => some.reduce((best, one) => (isBetter(one, best) ? one : best));
  const fitting = choices.filter(({ height }) => height <= MAPS_HEIGHT);
  const best = fitting.length > 0 && pick(fitting, (one, other) => one.side > other.side);
  if (best && best.side >= SMALLEST_SIDE) return best.columns;
  const large = choices.filter(({ side }) => side >= SMALLEST_SIDE);
  return large.length > 0 ? pick(large, (one, other) => one.height < other.height).columns : 1;
}

function sideOf(columns, cells, room, ratio) {
  return wholeCells(Math.min(LARGEST_SIDE, (room - (columns - 1) * GAP) / columns), cells, ratio);
}

// A cell of a whole number of the screen's pixels: else some cells would be drawn larger than others.
function wholeCells(side, cells, ratio) {
  return (Math.max(1, Math.floor((side * ratio) / cells)) * cells) / ratio;
}

function paintStill(context, scene, layout) {
  context.fillStyle = scene.ink.background;
  context.fillRect(0, 0, layout.width, layout.height);
  paintBar(context, scene);
  for (const [head, box] of layout.maps.entries()) paintAxes(context, scene, layout, head, box);
  paintGateAxis(context, scene, layout);
  if (scene.content.names.length) paintSeries(context, scene, layout);
  paintTimes(context, scene, layout);
}

function paintBar(context, { content, ink }) {
  for (let column = 0; column < BAR.width; column++) {
    const at = 3 * Math.round((255 * column) / (BAR.width - 1));
    context.fillStyle = `rgb(${content.palette.slice(at, at + 3).join(",")})`;
    context.fillRect(LEFT + column, 2, 1, BAR.height);
  }
  frame(context, ink, { x: LEFT, y: 2, ...BAR });
}

// Ticks only at the outer maps; a map that has none below it is an outer one too.
function paintAxes(context, { content, ink }, layout, head, box) {
  const style = { font: ink.small, colour: ink.faint, baseline: "middle" };
  const ticks = tickSteps(content.cells, layout.cell, 34);
  const bottom = box.y + box.height;
  if (head % layout.columns === 0) {
    for (const at of ticks) {
      const y = box.y + (at + 0.5) * layout.cell;
      mark(context, ink, [box.x - 1, y], [box.x - 5, y]);
      write(context, String(at * content.cell), box.x - 8, y, { ...style, align: "right" });
    }
    writeUpwards(context, "query step", 8, box.y + box.height / 2, { ...style, colour: ink.text, align: "center" });
  }
  if (head + layout.columns < content.heads) return;
  for (const at of ticks) {
    const x = box.x + (at + 0.5) * layout.cell;
    mark(context, ink, [x, bottom + 1], [x, bottom + 5]);
    write(context, String(at * content.cell), x, bottom + 13, { ...style, align: "center" });
  }
  write(context, "key step", box.x + box.width / 2, bottom + 13 + LINE, { ...style, colour: ink.text, align: "center" });
}

function paintGateAxis(context, { content, ink }, { gate }) {
  write(context, "Fusion gate, mean over the channels", gate.x, gate.y - 8, { font: ink.strong, colour: ink.text });
  write(context, "0 takes stage 2, 1 takes stage 1; dotted: at the last snapshot", gate.x + gate.width, gate.y - 8, {
    font: ink.small, colour: ink.faint, align: "right", most: gate.width - 270,
  });
  writeSpan(context, ink, gate, content.gateSpan);
}

function writeSpan(context, ink, box, { low, high }) {
  if (!(low <= high)) return; // no value at all
  const style = { font: ink.small, colour: ink.faint, align: "right", most: LEFT - 10 };
  write(context, shortNumber(high), box.x - 6, box.y + 10, style);
  write(context, shortNumber(low), box.x - 6, box.y + box.height - 2, style);
}

function paintSeries(context, { content, ink }, { series }) {
  for (const feature of content.names.keys()) {
    const valueOf = (step) => content.series[step * content.names.length + feature];
    curve(context, series, content.cells * content.cell, valueOf, content.seriesSpan);
    Object.assign(context, { strokeStyle: colourOf(content, feature), lineWidth: 1.25, lineJoin: "round" });
    context.setLineDash(isSecondRound(content, feature) ? [4, 3] : []);
    context.stroke();
  }
  context.setLineDash([]);
  frame(context, ink, series);
  writeSpan(context, ink, series, content.seriesSpan);
  write(context, "Series, scaled", series.x, series.y - 8, { font: ink.strong, colour: ink.text });
  paintNames(context, content, ink, series);
}

function colourOf({ lines }, feature) {
  return lines[feature % lines.length];
}

function isSecondRound({ lines }, feature) {
  return feature >= lines.length; // the colours are used up: dashes tell them apart
}

// Names in their colours beside the heading, as many as fit.
function paintNames(context, content, ink, series) {
  let x = series.x + 110;
  context.font = ink.small;
  for (const [feature, name] of content.names.entries()) {
    const label = shortened(context, name, LONGEST_LABEL);
    const width = context.measureText(label).width;
    if (x + width + 40 > series.x + series.width) return write(context, "…", x, series.y - 8, { font: ink.small, colour: ink.faint });
    const dash = isSecondRound(content, feature) ? [4, 3] : [];
    line(context, { from: [x, series.y - 12], to: [x + 12, series.y - 12], colour: colourOf(content, feature), width: 3, dash });
    write(context, label, x + 16, series.y - 8, { font: ink.small, colour: ink.faint });
    x += width + 32;
  }
}

function paintTimes(context, { content, ink }, layout) {
  const { gate, bottom, label } = layout;
  const width = gate.width / (content.cells * content.cell); // of a step: the last cell may be half empty
  const style = { font: ink.small, colour: ink.faint, align: "center", baseline: "middle", most: LONGEST_LABEL };
  for (const step of tickSteps(content.times.length, width, label.width + 18)) {
    const x = gate.x + (step + 0.5) * width;
    mark(context, ink, [x, bottom + 1], [x, bottom + 5]);
    if (x + label.width / 2 > layout.width) continue;
    labelLines(content.times[step]).forEach((line, at) => write(context, line, x, bottom + 13 + at * LINE, style));
  }
}

// Begins a line through values over the whole width of a box; the caller strokes it.
function curve(context, box, count, valueOf, { low, high }) {
  context.beginPath();
  for (let at = 0; at < count; at++) {
    const value = valueOf(at);
    if (!Number.isFinite(value)) continue;
    const up = high > low ? (value - low) / (high - low) : 0.5;
    context.lineTo(box.x + ((at + 0.5) * box.width) / count, box.y + PADDING + (1 - up) * (box.height - 2 * PADDING));
  }
}
