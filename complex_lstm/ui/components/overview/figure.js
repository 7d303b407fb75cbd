// figure.js: every pane, drawn on a canvas context of its own; lengths are CSS pixels. Keeps nothing.

const NAMES = 112; // pixels for the names at the left of series, gate and attention: their time axes stand exactly above each other
const RIGHT = 6;
const AXIS = 16;
const GATE_HEIGHT = 30;
const SERIES_HEIGHT = 176;
const LARGEST_THUMB = 58;
const THUMB_GAP = 4;
const DOT = 5;
const [CLASS_ROW, VALUE_ROW, TEXT_ROW, HEAD_ROW] = [16, 50, 31, 22]; // rows of prediction and ensemble heads that are read well
const LINES_OF_SCORE = 15;

// The room of each pane: taller windows get taller panes, from what fits 768 pixels of height on. Panes that all stand below each other,
// on a narrow screen, take what they need.
function heightsOf(content, tall, width, isNarrow) {
  const [layers, heads] = content.shapes.attention;
  const twice = content.before ? 2 : 1;
  const lower = content.before ? 0.75 : 1; // what is drawn twice, before and now, must fit the same screen
  const thumb = Math.min(LARGEST_THUMB * tall * (content.before ? 0.6 : 1), (width - leftOf(width) - RIGHT) / Math.max(1, heads) - THUMB_GAP);
  const series = SERIES_HEIGHT * tall * lower + AXIS;
  const gate = GATE_HEIGHT * lower * twice + (twice - 1) * 2;
  const attention = layers ? twice * layers * (thumb + THUMB_GAP) : LINE + 6;
  const all = series + gate + attention + 2 * 34; // the titles, borders and gaps of the two panes more on the left
  const outputs = content.outputs.length;
  const wanted = [outputs * (content.isClasses ? CLASS_ROW : VALUE_ROW) + footOf(content), outputs * HEAD_ROW + AXIS + LINE];
  const share = Math.min(0.64, Math.max(0.48, wanted[0] / (wanted[0] + wanted[1])));
  const prediction = Math.round(all * share) - 17;
  const right = [prediction, all - prediction - 34].map((height, at) => (isNarrow ? Math.min(height, wanted[at]) : height));
  return { importance: series, gate, attention, prediction: right[0], heads: right[1] };
}

const CUTS = [
  (name, kept) => `${name.slice(0, kept)}…`,
  (name, kept) => `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(name.length - Math.floor(kept / 2))}`,
  (name, kept) => `…${name.slice(name.length - kept)}`,
];

// Names as they fit, each with its room: cut at the end, in the middle or at the beginning, by the first way that leaves them different.
function fitting(context, names, rooms, font) {
  context.font = font;
  const shortened = (cut) => (name, at) => {
    let [shown, kept] = [name, Math.min(name.length, 60)]; // every length is measured
    while (kept > 1 && context.measureText(shown).width > rooms[at]) shown = cut(name, --kept);
    return shown;
  };
  const ways = CUTS.map((cut) => names.map(shortened(cut)));
  return ways.find((shown) => new Set(shown).size === new Set(names).size) ?? ways[0];
}

function timePlace(layout, content, step) {
  return layout.left + ((step + 0.5) / content.times.length) * (layout.width - layout.left - RIGHT);
}

function leftOf(width) {
  return Math.min(NAMES, width / 3);
}

function layOutTime(width, height) {
  return { width, height, left: leftOf(width) };
}

function paintSeries(context, { content, ink, palettes }, layout) {
  const rows = content.features.length;
  const height = (layout.height - AXIS) / rows;
  const cell = (layout.width - layout.left - RIGHT) / content.times.length;
  const named = content.features.map((name, feature) => `${name}${content.units[feature] && ` (${content.units[feature]})`}`);
  const names = fitting(context, named, named.map(() => layout.left - 10), ink.small);
  for (let feature = 0; feature < rows; feature++) {
    const top = feature * height;
    const values = column(content, content.series, feature);
    const earlier = content.earlier && column(content, content.earlier, feature);
    const range = padded(spanOf(values, earlier ?? []), 0.12);
    const place = (value) => top + height - 1 - ((value - range.low) / (range.high - range.low)) * (height - 2);
    paintTint(context, content, palettes.signed, { feature, top, height, cell, left: layout.left });
    if (earlier) paintLine(context, layout, content, earlier, place, { colour: ink.faint, width: 1.2, dash: [3, 3] });
    paintLine(context, layout, content, values, place, { colour: ink.text, width: 1.4, dash: [] });
    if (height >= 10 || feature % Math.ceil(12 / height) === 0) {
      write(context, names[feature], layout.left - 6, top + height / 2, { font: ink.small, colour: ink.text, align: "right", baseline: "middle", most: layout.left - 8 });
    }
    if (feature) mark(context, ink, [layout.left, Math.round(top) + 0.5], [layout.width - RIGHT, Math.round(top) + 0.5]);
  }
  paintTimes(context, { content, ink }, layout);
}

// The importance of every cell behind its line; where several steps share a pixel it is the one farthest from zero.
function paintTint(context, content, palette, { feature, top, height, cell, left }) {
  const [steps, features] = [content.times.length, content.features.length];
  const columns = Math.min(steps, Math.max(1, Math.round(cell * steps)));
  context.save();
  for (let at = 0; at < columns; at++) {
    const [begin, end] = [Math.floor((at * steps) / columns), Math.floor(((at + 1) * steps) / columns)];
    let farthest = content.tint[begin * features + feature];
    for (let step = begin + 1; step < end; step++) {
      const value = content.tint[step * features + feature];
      if (Math.abs(value) > Math.abs(farthest)) farthest = value;
    }
    if (!Number.isFinite(farthest)) continue;
    const share = Math.max(-1, Math.min(1, farthest / (content.tintTop || 1)));
    const tone = share < 0 ? 0 : 255; // the scale's two ends over the page's own background, which is its middle in light and dark
    context.globalAlpha = 0.8 * Math.abs(share);
    context.fillStyle = `rgb(${palette.slice(3 * tone, 3 * tone + 3).join(",")})`;
    context.fillRect(left + begin * cell, top + 1, Math.max(1, (end - begin) * cell + 0.3), height - 1);
  }
  context.restore();
}

function paintLine(context, layout, content, values, place, { colour, width, dash }) {
  context.save();
  Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: "round" });
  context.setLineDash(dash);
  context.beginPath();
  let isDown = false;
  for (const [step, value] of values.entries()) {
    if (!Number.isFinite(value)) isDown = false;
    else if (isDown) context.lineTo(timePlace(layout, content, step), place(value));
    else context.moveTo(timePlace(layout, content, step), place(value));
    isDown = Number.isFinite(value);
  }
  context.stroke();
  context.restore();
}

function paintTimes(context, { content, ink }, layout) {
  const cell = (layout.width - layout.left - RIGHT) / content.times.length;
  context.font = ink.small;
  const widest = Math.max(...[content.times[0], content.times.at(-1)].map((time) => context.measureText(time).width));
  let free = layout.left - 4; // where the last label ends
  for (const step of tickSteps(content.times.length, cell, widest + 16)) {
    const centre = timePlace(layout, content, step);
    const width = context.measureText(content.times[step]).width;
    const x = Math.min(Math.max(centre - width / 2, layout.left - 4), layout.width - width);
    if (x < free) continue;
    write(context, content.times[step], x, layout.height - 3, { font: ink.small, colour: ink.faint });
    free = x + width + 12;
  }
}

function paintGate(context, { content, ink, palettes }, layout) {
  const strips = content.before ? [[content.sides[0], content.before.gate], [content.sides[1], content.now.gate]] : [["stage 1 share", content.now.gate]];
  const height = (layout.height - 2 * (strips.length - 1)) / strips.length;
  const cell = (layout.width - layout.left - RIGHT) / content.times.length;
  for (const [at, [name, gate]] of strips.entries()) {
    const top = at * (height + 2);
    for (const [step, value] of gate.entries()) {
      if (!Number.isFinite(value)) continue; // a step that only the other side has
      const shade = Math.round(255 * Math.max(0, Math.min(1, value)));
      context.fillStyle = `rgb(${palettes.gate.slice(3 * shade, 3 * shade + 3).join(",")})`;
      context.fillRect(layout.left + step * cell, top, cell + 0.4, height);
    }
    frame(context, ink, { x: layout.left, y: top + 0.5, width: layout.width - layout.left - RIGHT, height: height - 1 });
    const known = gate.filter(Number.isFinite);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    write(context, `${name}: ${mean.toFixed(2)}`, layout.left - 6, top + height / 2, {
      font: ink.small, colour: ink.text, align: "right", baseline: "middle", most: layout.left - 8,
    });
  }
}

// The rows of attention heads: a layer each, the other side above this one where two are compared.
function headRows(content) {
  const sides = content.before ? content.sides : [""];
  return Array.from({ length: content.shapes.attention[0] }, (_, layer) => sides.map((side, at) => ({ layer, side, isBefore: content.before && !at }))).flat();
}

// Where each attention head stands; with many heads they shrink to the pane's width.
function thumbPlaces(content, layout) {
  const [, heads] = content.shapes.attention;
  const rows = headRows(content);
  const size = Math.min(rows.length ? layout.height / rows.length - THUMB_GAP : 0, (layout.width - layout.left - RIGHT) / Math.max(1, heads) - THUMB_GAP);
  const stride = Math.max(size + THUMB_GAP, (layout.width - layout.left - RIGHT) / Math.max(1, heads));
  return rows.flatMap(({ layer, isBefore }, row) =>
    Array.from({ length: heads }, (_, head) => ({ layer, isBefore, head, size, x: layout.left + head * stride, y: row * (layout.height / rows.length) })),
  );
}

function paintAttention(context, { content, ink, images }, layout) {
  const [layers] = content.shapes.attention;
  if (!layers) {
    write(context, content.noAttention, 0, LINE, { font: ink.small, colour: ink.faint, most: layout.width });
    return;
  }
  for (const place of thumbPlaces(content, layout)) {
    context.imageSmoothingEnabled = false;
    const drawn = place.isBefore ? images.before : images.now;
    context.drawImage(drawn[place.layer * content.shapes.attention[1] + place.head], place.x, place.y, place.size, place.size);
    frame(context, ink, { x: place.x, y: place.y + 0.5, width: place.size, height: place.size });
  }
  const rows = headRows(content);
  for (const [row, { layer, side }] of rows.entries()) {
    const middle = (row + 0.5) * (layout.height / rows.length) - THUMB_GAP / 2;
    const name = `layer ${layer + 1}${side && `, ${side}`}`;
    write(context, name, layout.left - 6, middle, { font: ink.small, colour: ink.text, align: "right", baseline: "middle", most: layout.left - 8 });
  }
}

// One attention head of one side as an image, a pixel a cell. Before and now share the larger range of the head's two.
function headImage(content, attention, palette, at) {
  const [, , side] = content.shapes.attention;
  const weights = attention.subarray(at * side * side, (at + 1) * side * side);
  const image = document.createElement("canvas");
  image.width = image.height = side;
  const context = image.getContext("2d");
  const pixels = context.createImageData(side, side);
  const packed = new Uint32Array(pixels.data.buffer);
  let top = 0;
  for (const one of [content.now, content.before].filter(Boolean)) {
    for (const weight of one.attention.subarray(at * side * side, (at + 1) * side * side)) if (weight > top) top = weight;
  }
  for (const [cell, weight] of weights.entries()) packed[cell] = palette[Math.round((255 * weight) / (top || 1))]; // NaN, a step that only the other side has, stays clear
  context.putImageData(pixels, 0, 0);
  return image;
}

function footOf(content) {
  return content.score.length * LINES_OF_SCORE + 4;
}

// A class a bar, or a target its values in words and, where there is room for all, on a line; the score beside a trivial rule's stands below.
function paintPrediction(context, { content, ink }, layout) {
  const foot = footOf(content);
  const lines = content.now.prediction;
  const row = content.isClasses ? CLASS_ROW : TEXT_ROW;
  const all = layout.height - foot;
  const marksActual = content.isClasses && namesOf(layout) < 110 && lines.some((line) => line.actual === 1);
  const room = marksActual || lines.length * row > all ? all - LINE : all; // the last line says how many there are, and what is marked
  const most = Math.max(1, Math.floor(room / row));
  const shown = leading(content, most);
  if (content.isClasses) paintClasses(context, { content, ink }, layout, shown, room);
  else paintValues(context, { content, ink }, layout, shown, room);
  const notes = [marksActual ? "✓ actual" : "", shown.length < lines.length ? `${shown.length} of ${lines.length}` : ""].filter(Boolean);
  write(context, notes.join(" · "), layout.width - 2, all - 3, { font: ink.small, colour: ink.faint, align: "right" });
  for (const [at, sentence] of content.score.entries()) {
    const y = layout.height - foot + (at + 1) * LINES_OF_SCORE;
    write(context, sentence, 0, y, { font: ink.small, colour: at ? ink.faint : ink.text, most: layout.width });
  }
}

// Which outputs are drawn where not all fit, in their own order: the explained one and the actual class, then the most probable classes, or
// the targets furthest from zero on the model's scale.
function leading(content, most) {
  const { isClasses, explained, now } = content;
  const size = (at) => (isClasses ? now.prediction[at].predicted : Math.abs(now.combined[at]));
  const isKept = (at) => at === explained || (isClasses && now.prediction[at].actual === 1);
  const order = now.prediction.map((_, at) => at).sort((one, other) => isKept(other) - isKept(one) || size(other) - size(one));
  return order.slice(0, most).sort((one, other) => one - other);
}

function namesOf(layout) {
  return Math.min(layout.width * 0.4, 130);
}

function paintClasses(context, { content, ink }, layout, shown, room) {
  const height = Math.min(26, room / shown.length);
  const names = namesOf(layout);
  const scale = layout.width - names - 52;
  const remarks = shown.map((at) => (content.now.prediction[at].actual === 1 ? (names < 110 ? " ✓" : " (actual)") : ""));
  context.font = ink.strong;
  const rooms = remarks.map((remark) => names - 8 - context.measureText(remark).width);
  const labels = fitting(context, shown.map((at) => content.now.prediction[at].name), rooms, ink.strong);
  for (const [row, at] of shown.entries()) {
    const [line, before] = [content.now.prediction[at], content.before?.prediction[at]];
    const y = row * height;
    const style = { font: line.actual === 1 ? ink.strong : ink.small, colour: ink.text, baseline: "middle" };
    write(context, `${labels[row]}${remarks[row]}`, names - 6, y + height / 2, { ...style, align: "right", most: names - 6 });
    context.fillStyle = content.lines[1];
    context.fillRect(names, y + 3, Math.max(1, line.predicted * scale), height - 6);
    if (before) {
      const was = names + before.predicted * scale;
      context.fillStyle = ink.text;
      context.fillRect(was - 1, y + 1, 2, height - 2);
    }
    write(context, `${(100 * line.predicted).toFixed(1)}%`, names + Math.max(1, line.predicted * scale) + 4, y + height / 2, { font: ink.small, colour: ink.text, baseline: "middle" });
  }
}

function paintValues(context, { content, ink }, layout, shown, room) {
  const height = Math.min(72, room / shown.length);
  for (const [row, at] of shown.entries()) {
    const [line, before] = [content.now.prediction[at], content.before?.prediction[at]];
    const known = [line.predicted, line.actual, line.last, before?.predicted].filter((value) => value !== null && value !== undefined);
    const range = padded(spanOf(known), 0.15);
    const place = (value) => 8 + ((value - range.low) / (range.high - range.low)) * (layout.width - 16);
    const y = row * height;
    write(context, line.text, 0, y + 14, { font: ink.strong, colour: ink.text, most: layout.width });
    write(context, line.note, 0, y + 29, { font: ink.small, colour: ink.faint, most: layout.width });
    if (height < 44) continue;
    const middle = y + 41;
    mark(context, ink, [8, middle], [layout.width - 8, middle]);
    if (line.last !== null) diamond(context, place(line.last), middle, ink.faint);
    if (line.actual !== null) circle(context, place(line.actual), middle, { fill: ink.faint });
    if (before) circle(context, place(before.predicted), middle, { stroke: content.lines[1] });
    circle(context, place(line.predicted), middle, { fill: content.lines[1] });
  }
}

function circle(context, x, y, { fill, stroke }) {
  context.beginPath();
  context.arc(x, y, DOT, 0, 2 * Math.PI);
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke) {
    Object.assign(context, { strokeStyle: stroke, lineWidth: 1.6 });
    context.stroke();
  }
}

function diamond(context, x, y, colour) {
  context.save();
  context.translate(x, y);
  context.rotate(Math.PI / 4);
  Object.assign(context, { strokeStyle: colour, lineWidth: 1.6 });
  context.strokeRect(-DOT + 1, -DOT + 1, 2 * DOT - 2, 2 * DOT - 2);
  context.restore();
}

// Every ensemble head a dot, an output a row, the combined output a bar: as the page of the heads draws them, in the model's scale.
function paintHeads(context, { content, ink }, layout) {
  const [heads, outputs] = content.shapes.heads;
  const most = Math.max(1, Math.floor((layout.height - AXIS) / 15));
  const shown = leading(content, most);
  const sides = [content.now, content.before].filter(Boolean);
  const range = padded(spanOf(...sides.flatMap((side) => [side.heads, side.combined])), 0.06);
  const names = Math.min(layout.width * 0.34, 110);
  const place = (value) => names + ((value - range.low) / (range.high - range.low)) * (layout.width - names - 8);
  const height = Math.min(34, (layout.height - AXIS) / shown.length);
  const labels = fitting(context, shown.map((output) => content.outputs[output]), shown.map(() => names - 10), ink.small);
  for (const [row, output] of shown.entries()) {
    const y = row * height + height / 2;
    write(context, labels[row], names - 8, y, { font: ink.small, colour: ink.text, align: "right", baseline: "middle", most: names - 10 });
    mark(context, ink, [names, y], [layout.width - 4, y]);
    for (const [side, results] of sides.entries()) {
      const combined = place(results.combined[output]);
      line(context, { from: [combined, y - height * 0.36], to: [combined, y + height * 0.36], colour: side ? ink.faint : ink.text, width: side ? 1.5 : 3, dash: side ? [2, 2] : [] });
      for (let head = 0; head < heads; head++) {
        const colour = content.lines[[0, 4, 2][head % 3]];
        circle(context, place(results.heads[head * outputs + output]), y, side ? { stroke: colour } : { fill: colour });
      }
    }
  }
  const legend = ["head 1", "2", "3"].slice(0, heads);
  let x = 0;
  for (const [head, name] of [...legend, "| combined"].entries()) {
    if (head < heads) circle(context, x + DOT, layout.height - 7, { fill: content.lines[[0, 4, 2][head % 3]] });
    const from = x + (head < heads ? 2 * DOT + 3 : 0);
    write(context, name, from, layout.height - 3, { font: ink.small, colour: ink.faint });
    x = from + context.measureText(name).width + 10;
  }
  const counted = `${shown.length} of ${outputs}`;
  if (shown.length < outputs && x + context.measureText(counted).width < layout.width) {
    write(context, counted, layout.width - 2, layout.height - 3, { font: ink.small, colour: ink.faint, align: "right" });
  }
}

// The crosshair: the same step in every pane that has a time axis.
function paintCursor(context, { content, ink }, layout, pane, step) {
  if (step === null) return;
  if (pane === "importance" || pane === "gate") {
    const x = timePlace(layout, content, step);
    line(context, { from: [x, 0], to: [x, layout.height - (pane === "gate" ? 0 : AXIS)], colour: ink.primary, width: 1.5, dash: [] });
  }
  if (pane === "attention") {
    for (const { x, y, size } of thumbPlaces(content, layout)) {
      const at = ((step + 0.5) / content.times.length) * size;
      line(context, { from: [x + at, y], to: [x + at, y + size], colour: ink.primary, width: 1, dash: [] });
      line(context, { from: [x, y + at], to: [x + size, y + at], colour: ink.primary, width: 1, dash: [2, 2] });
    }
  }
}

const PAINTERS = { importance: paintSeries, gate: paintGate, attention: paintAttention, prediction: paintPrediction, heads: paintHeads };
