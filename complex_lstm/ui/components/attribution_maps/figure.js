// figure.js: the maps of all methods over the series, with names, times and colour bar, drawn on any canvas context.
// Keeps nothing.
//
// A scene is {content, images, isPooled, ink}; lengths are CSS pixels, and the caller scales the context.

const MAPS_HEIGHT = 430; // of all maps below each other: with series and readings they fit a laptop's screen
const SMALLEST_ROW = 5;
const LARGEST_ROW = 20;
const SMALLEST_MAP = 220;
const MAPS_IN_COLUMN = 3;
const MOST_COLUMNS = 3;
const TITLE = 22;
const GAP = 8;
const STRIP = 88;
const STRIP_PADDING = 5;
const SWATCH = 4;
const RIGHT = 12;
const BAR = { width: 240, height: 10 };
const LEGEND = 38;
const LONGEST_NOTE = 300;

function layOut(context, content, ink, width) {
  const label = labelSize(context, content.times, ink);
  const names = nameWidth(context, content, ink);
  const left = names + 2 * GAP + SWATCH;
  const between = Math.max(28, Math.ceil(label.width / 2) + GAP);
  const room = width - left - RIGHT;
  const columns = columnCount(content.maps.length, room, between);
  const rows = Math.ceil(content.maps.length / columns);
  const row = Math.max(SMALLEST_ROW, Math.min(LARGEST_ROW, Math.floor(MAPS_HEIGHT / rows / content.features.length)));
  const map = { width: Math.max(120, Math.floor((room - (columns - 1) * between) / columns)), height: row * content.features.length };
  const legend = layOutLegend(left, room);
  const below = legend.height + rows * (TITLE + map.height + GAP);
  const x = (column) => left + column * (map.width + between);
  const y = (line) => legend.height + line * (TITLE + map.height + GAP) + TITLE;
  return {
    maps: content.maps.map((_, at) => ({ x: x(at % columns), y: y(Math.floor(at / columns)), ...map })),
    strips: Array.from({ length: columns }, (_, column) => ({ x: x(column), y: below, width: map.width, height: STRIP })),
    cell: { width: map.width / content.times.length, height: row },
    legend,
    label,
    names,
    width: left + columns * map.width + (columns - 1) * between + RIGHT,
    height: below + STRIP + label.height + GAP + 4,
  };
}

function nameWidth(context, content, ink) {
  const widths = [...content.features, ...stripNames(content)].map((name) => textWidth(context, ink.strong, name));
  return Math.ceil(Math.min(LONGEST_LABEL, Math.max(...widths)));
}

function columnCount(maps, room, between) {
  const fitting = Math.max(1, Math.floor((room + between) / (SMALLEST_MAP + between)));
  return Math.min(Math.ceil(maps / MAPS_IN_COLUMN), MOST_COLUMNS, fitting);
}

function layOutLegend(left, room) {
  const bar = { x: left, y: 2, width: Math.min(BAR.width, room), height: BAR.height };
  const isBeside = room - bar.width > LONGEST_NOTE + 3 * GAP;
  const notes = isBeside ? { x: left + bar.width + 4 * GAP, y: 11 } : { x: left, y: LEGEND + 4 };
  return { bar, notes, most: isBeside ? room - bar.width - 4 * GAP : room, height: isBeside ? LEGEND : LEGEND + 2 * LINE };
}

function paintScene(context, scene, layout) {
  const { content, ink } = scene;
  context.fillStyle = ink.background;
  context.fillRect(0, 0, layout.width, layout.height);
  paintLegend(context, scene, layout.legend);
  for (const [at, map] of content.maps.entries()) {
    const box = layout.maps[at];
    paintTitle(context, scene, map, box);
    context.imageSmoothingEnabled = false;
    context.drawImage(scene.images[at], box.x, box.y, box.width, box.height);
    if (content.isTruthKnown) paintTruth(context, content, layout.cell, box);
    frame(context, ink, box);
  }
  for (const box of firstInLine(layout)) paintNames(context, scene, layout, box);
  for (const strip of layout.strips) paintStrip(context, scene, layout, strip);
  paintStripNames(context, scene, layout);
}

// Names stand at the left of each line of maps: the maps beside it have the same rows.
function firstInLine({ maps }) {
  return maps.filter((box) => box.x === maps[0].x);
}

function paintTitle(context, { content, ink }, map, box) {
  const notes = mapNotes(content, map);
  const room = (note) => box.width - GAP - textWidth(context, ink.small, note);
  const note = notes.find((one) => room(one) >= textWidth(context, ink.strong, map.label)) ?? notes.at(-1);
  paintTitleParts(context, ink, box, map.label, { text: note, font: ink.small, colour: ink.faint });
}

// The end of the title has the room that it needs, and the label is shortened to what is left.
function paintTitleParts(context, ink, box, label, end) {
  const most = box.width - GAP - textWidth(context, end.font, end.text);
  write(context, label, box.x, box.y - 7, { font: ink.strong, colour: ink.text, most });
  write(context, end.text, box.x + box.width, box.y - 7, { ...end, align: "right" });
}

function textWidth(context, font, text) {
  context.font = font;
  return context.measureText(text).width;
}

function paintNames(context, { content, ink }, layout, box) {
  const every = labelEvery(layout);
  for (const [feature, name] of content.features.entries()) {
    const y = box.y + (feature + 0.5) * layout.cell.height;
    context.fillStyle = content.lines[feature % content.lines.length];
    context.fillRect(box.x - GAP - SWATCH, y - layout.cell.height / 2 + 0.5, SWATCH, layout.cell.height - 1);
    if (feature % every === 0) writeName(context, layout, box, name, y, { font: ink.small, colour: ink.faint });
  }
}

function labelEvery({ cell }) {
  return Math.ceil((LINE - 3) / cell.height);
}

function writeName(context, { names }, box, name, y, style) {
  write(context, name, box.x - 2 * GAP - SWATCH, y + 0.5, { align: "right", baseline: "middle", most: names, ...style });
}

// The border between true and other cells, so that neighbours that are true share one outline.
function paintTruth(context, { features, times, truth }, cell, box) {
  const isTrue = (step, feature) =>
    step >= 0 && step < times.length && feature >= 0 && feature < features.length && truth[step * features.length + feature] > 0;
  context.beginPath();
  for (let step = 0; step < times.length; step++) {
    for (let feature = 0; feature < features.length; feature++) {
      if (!isTrue(step, feature)) continue;
      const [x, y] = [box.x + step * cell.width, box.y + feature * cell.height];
      const [right, down] = [x + cell.width, y + cell.height];
      if (!isTrue(step - 1, feature)) edge(context, x, y, x, down);
      if (!isTrue(step + 1, feature)) edge(context, right, y, right, down);
      if (!isTrue(step, feature - 1)) edge(context, x, y, right, y);
      if (!isTrue(step, feature + 1)) edge(context, x, down, right, down);
    }
  }
  strokeTruth(context);
}

function edge(context, fromX, fromY, toX, toY) {
  context.moveTo(fromX, fromY);
  context.lineTo(toX, toY);
}

function strokeTruth(context) {
  Object.assign(context, { lineCap: "square", lineJoin: "miter" });
  for (const [lineWidth, strokeStyle] of [[3.5, "#ffffffcc"], [1.5, "#111111"]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.stroke();
  }
}

function paintStrip(context, { content, ink }, layout, strip) {
  content.features.forEach((_, feature) => paintLine(context, content, strip, feature, 1.25));
  frame(context, ink, strip);
  const bottom = strip.y + strip.height;
  const style = { font: ink.small, colour: ink.faint, align: "center", baseline: "middle", most: LONGEST_LABEL };
  for (const step of tickSteps(content.times.length, layout.cell.width, layout.label.width + 18)) {
    const x = strip.x + (step + 0.5) * layout.cell.width;
    mark(context, ink, [x, bottom + 1], [x, bottom + 5]);
    if (x + layout.label.width / 2 > strip.x + strip.width + RIGHT) continue; // it would run into the next column
    labelLines(content.times[step]).forEach((line, at) => write(context, line, x, bottom + 13 + at * LINE, style));
  }
}

function paintLine(context, content, strip, feature, lineWidth) {
  context.save();
  Object.assign(context, { strokeStyle: content.lines[feature % content.lines.length], lineWidth, lineJoin: "round" });
  context.beginPath();
  for (let step = 0; step < content.times.length; step++) {
    const { x, y } = pointOf(content, strip, { step, feature });
    if (step === 0) context.moveTo(x, y);
    context.lineTo(x, y);
  }
  context.stroke();
  context.restore();
}

function pointOf(content, strip, cell) {
  const { low, high } = content.span;
  const value = content.scaled[indexOf(content, cell)];
  const up = high > low ? (value - low) / (high - low) : 0.5;
  return {
    x: strip.x + ((cell.step + 0.5) * strip.width) / content.times.length,
    y: strip.y + STRIP_PADDING + (1 - up) * (strip.height - 2 * STRIP_PADDING),
  };
}

function stripNames({ span }) {
  return ["series,", "scaled", `${shortNumber(span.low)} to ${shortNumber(span.high)}`];
}

function paintStripNames(context, { content, ink }, layout) {
  const [strip] = layout.strips;
  const middle = strip.y + strip.height / 2;
  stripNames(content).forEach((name, at) =>
    writeName(context, layout, strip, name, middle + (at - 1) * (LINE + 2), { font: ink.small, colour: at < 2 ? ink.text : ink.faint }),
  );
}

function paintLegend(context, scene, { bar, notes, most }) {
  const { content, ink } = scene;
  const begin = content.signed.length > 0 ? -1 : 0; // without a signed method the bar begins at its middle
  for (let column = 0; column < bar.width; column++) {
    const at = 3 * shade(begin + ((1 - begin) * column) / (bar.width - 1), 1);
    context.fillStyle = `rgb(${content.palette.slice(at, at + 3).join(",")})`;
    context.fillRect(bar.x + column, bar.y, 1, bar.height);
  }
  frame(context, ink, bar);
  const top = content.isOwnRange || content.signed.length === 0 ? 1 : content.largest || 1;
  for (const along of [0, 0.25, 0.5, 0.75, 1]) {
    const x = bar.x + along * bar.width;
    mark(context, ink, [x, bar.y + bar.height + 1], [x, bar.y + bar.height + 4]);
    const number = shortNumber((begin + (1 - begin) * along) * top);
    write(context, number, x, bar.y + bar.height + 12, { font: ink.small, colour: ink.faint, align: "center", baseline: "middle" });
  }
  const note = scene.isPooled ? `${rangeNote(content)}; a pixel shows its largest` : rangeNote(content);
  write(context, note, notes.x, notes.y, { font: ink.small, colour: ink.text, most });
  if (content.isTruthKnown) paintTruthNote(context, ink, notes.x, notes.y + LINE + 2);
}

function paintTruthNote(context, ink, x, y) {
  context.fillStyle = "#f7f7f7";
  context.fillRect(x + 1, y - 9, 9, 9);
  context.beginPath();
  context.rect(x + 1, y - 9, 9, 9);
  strokeTruth(context);
  write(context, "known true cells", x + 18, y, { font: ink.small, colour: ink.text });
}

// The cell of a map, or in the series the moment and the nearest line.
function cellAt(layout, content, x, y) {
  const isInside = (box) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
  const map = layout.maps.find(isInside);
  if (map) return { step: Math.floor((x - map.x) / layout.cell.width), feature: Math.floor((y - map.y) / layout.cell.height) };
  const strip = layout.strips.find(isInside);
  if (!strip) return null;
  const step = Math.floor((x - strip.x) / layout.cell.width);
  const up = 1 - (y - strip.y - STRIP_PADDING) / (strip.height - 2 * STRIP_PADDING);
  return { step, feature: nearestFeature(content, step, content.span.low + up * (content.span.high - content.span.low)) };
}
