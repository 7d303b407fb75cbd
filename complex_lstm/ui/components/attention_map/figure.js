// figure.js: the large map with its series, times and colour bar, drawn on any canvas context. Keeps nothing.
//
// A scene is {content, view, range, image, ink}; lengths are CSS pixels, and the caller scales the context.

const LARGEST_SIDE = 540;
const SMALLEST_SIDE = 140;
const TITLE = 28;
const AXIS_TITLE = 20;
const STRIP = 48;
const GAP = 6;
const BAR = 14;
const BAR_NUMBERS = 50;

function layOut(context, content, scope, ink, width) {
  const label = labelSize(context, content.times, ink);
  const left = AXIS_TITLE + label.width + GAP + STRIP + GAP;
  const right = 2 * GAP + BAR + BAR_NUMBERS + AXIS_TITLE;
  const side = Math.round(Math.max(SMALLEST_SIDE, Math.min(LARGEST_SIDE, width - left - right)));
  return {
    plot: { x: left, y: TITLE, side, cell: side / scope.steps, scope },
    queryStrip: { x: left - GAP - STRIP, y: TITLE, width: STRIP, height: side },
    keyStrip: { x: left, y: TITLE + side + GAP, width: side, height: STRIP },
    bar: { x: left + side + 2 * GAP, y: TITLE, width: BAR, height: side },
    label,
    width: left + side + right,
    height: TITLE + side + GAP + STRIP + GAP + label.height + AXIS_TITLE,
  };
}

function paintScene(context, scene, layout) {
  const { ink } = scene;
  context.fillStyle = ink.background;
  context.fillRect(0, 0, layout.width, layout.height);
  write(context, mapTitle(scene.content, scene.view), layout.plot.x, 17, { font: ink.bold, colour: ink.text });
  paintImage(context, scene, layout.plot);
  const { scope, cell } = layout.plot;
  paintStrip(context, scene, layout.keyStrip, cell, seriesOf(scene, scope, scope.key), (along, up) => [along, up]);
  paintStrip(context, scene, layout.queryStrip, cell, seriesOf(scene, scope, scope.query), (along, up) => [1 - up, along]);
  paintSeriesName(context, scene, layout);
  paintTimes(context, scene, layout);
  paintAxisTitles(context, scene, layout);
  paintColourBar(context, scene, layout.bar);
  if (scene.view.pin && isInScope(layout.plot, scene.view.pin)) paintPin(context, scene, layout);
}

function paintImage(context, { image, ink }, { x, y, side }) {
  context.imageSmoothingEnabled = false;
  context.drawImage(image, x, y, side, side);
  frame(context, ink, { x, y, width: side, height: side });
}

// The values along one axis, from a first step on: of all steps, or of those of the tile that is shown.
function seriesOf({ content, view }, scope, first) {
  const features = content.names.length;
  const points = content.seriesPoints;
  const from = Math.floor((first * points) / content.steps);
  const end = Math.ceil(((first + scope.steps) * points) / content.steps);
  const values = Array.from({ length: end - from }, (_, at) => content.series[(from + at) * features + view.feature]); // none after the end
  const known = values.filter(Number.isFinite);
  return { values, low: Math.min(...known), high: Math.max(...known), known: known.length };
}

// `turn` takes shares (along the time axis, up the value axis), each from 0 to 1, to shares of the box from its top left.
function paintStrip(context, scene, box, cell, { values, low, high, known }, turn) {
  frame(context, scene.ink, box);
  if (known === 0) return;
  context.beginPath();
  for (const [step, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    const up = high > low ? 0.08 + (0.84 * (value - low)) / (high - low) : 0.5;
    const [right, down] = turn((step + 0.5) / values.length, 1 - up);
    const [x, y] = [box.x + right * box.width, box.y + down * box.height];
    const [follows, leads] = [Number.isFinite(values[step - 1]), Number.isFinite(values[step + 1])];
    if (follows) context.lineTo(x, y);
    if (cell > 20 || !(follows || leads)) context.rect(x - 1, y - 1, 2, 2); // a lone value has no line to be seen by
    context.moveTo(x, y);
  }
  Object.assign(context, { strokeStyle: scene.ink.text, lineWidth: 1.25, lineJoin: "round" });
  context.stroke();
}

function paintSeriesName(context, scene, { plot, keyStrip, label }) {
  const { low, high, known } = seriesOf(scene, plot.scope, plot.scope.key);
  const most = label.width + GAP + STRIP;
  const x = keyStrip.x - GAP;
  const name = scene.content.names[scene.view.feature];
  const scale = known === 0 ? "no value" : `${shortNumber(low)} to ${shortNumber(high)}`;
  const middle = keyStrip.y + keyStrip.height / 2;
  write(context, name, x, middle - 3, { font: scene.ink.small, colour: scene.ink.text, align: "right", most });
  write(context, scale, x, middle + 12, { font: scene.ink.small, colour: scene.ink.faint, align: "right", most });
}

function paintTimes(context, scene, { plot, queryStrip, keyStrip, label }) {
  const { content, ink } = scene;
  const style = { font: ink.small, colour: ink.faint, baseline: "middle", most: LONGEST_LABEL };
  const bottom = keyStrip.y + keyStrip.height;
  const put = (step, x, y, align) =>
    labelLines(content.times[step]).forEach((line, at) => write(context, line, x, y + at * LINE, { ...style, align }));
  const { scope } = plot;
  for (const at of tickSteps(scope.steps, plot.cell, label.width + 18)) {
    const [step, x] = [scope.key + at, plot.x + (at + 0.5) * plot.cell];
    if (step >= content.steps) break;
    mark(context, ink, [x, bottom + 1], [x, bottom + 5]);
    put(step, x, bottom + 13, "center");
  }
  for (const at of tickSteps(scope.steps, plot.cell, label.height + 10)) {
    const [step, y] = [scope.query + at, plot.y + (at + 0.5) * plot.cell];
    if (step >= content.steps) break;
    mark(context, ink, [queryStrip.x - 1, y], [queryStrip.x - 5, y]);
    put(step, queryStrip.x - 8, y - ((labelLines(content.times[step]).length - 1) * LINE) / 2, "right");
  }
}

function paintAxisTitles(context, { ink }, { plot, height }) {
  const style = { font: ink.small, colour: ink.text, align: "center", baseline: "middle" };
  write(context, "Key: the step attended to", plot.x + plot.side / 2, height - 7, style);
  writeUpwards(context, "Query: the step that attends", 8, plot.y + plot.side / 2, style);
}

function paintColourBar(context, { content, view, range, ink, isPooled }, { x, y, width, height }) {
  for (let row = 0; row < height; row++) {
    const at = 3 * Math.round(255 * (1 - row / (height - 1)));
    context.fillStyle = `rgb(${content.palette.slice(at, at + 3).join(",")})`;
    context.fillRect(x, y + row, width, 1);
  }
  frame(context, ink, { x, y, width, height });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const at = y + (1 - share) * height;
    mark(context, ink, [x + width + 1, at], [x + width + 5, at]);
    write(context, shortNumber(share * range.top), x + width + 8, at, { font: ink.small, colour: ink.faint, baseline: "middle" });
  }
  const note = isPooled ? `${range.note}; a pixel shows its largest` : range.note;
  writeUpwards(context, note, x + width + BAR_NUMBERS + 9, y + height / 2, {
    font: ink.small, colour: ink.text, align: "center", baseline: "middle", most: height + TITLE,
  });
}

function cellCentre({ plot }, cell) {
  return { x: plot.x + (cell.key - plot.scope.key + 0.5) * plot.cell, y: plot.y + (cell.query - plot.scope.query + 0.5) * plot.cell };
}

function isInScope({ scope }, cell) {
  return cell.query >= scope.query && cell.key >= scope.key && cell.query < scope.query + scope.steps && cell.key < scope.key + scope.steps;
}

function paintPin(context, { content, view, ink }, layout) {
  const { plot, queryStrip, keyStrip } = layout;
  const { x, y } = cellCentre(layout, view.pin);
  const { query, key } = content.colours;
  line(context, { from: [queryStrip.x, y], to: [plot.x + plot.side, y], colour: query, width: 1.5, dash: [] });
  line(context, { from: [x, plot.y], to: [x, keyStrip.y + keyStrip.height], colour: key, width: 1.5, dash: [] });
  outlineCell(context, layout, view.pin, "#ffffff");
  tag(context, ink, "query", queryStrip.x + STRIP / 2, y + (y - plot.y > 24 ? -9 : 9), query);
  const besides = x + 20 < plot.x + plot.side - 8 ? 18 : -18;
  tag(context, ink, "key", x + besides, keyStrip.y + keyStrip.height - 9, key);
}

function tag(context, ink, text, x, y, colour) {
  context.font = ink.small;
  const width = context.measureText(text).width + 8;
  context.fillStyle = colour;
  context.fillRect(x - width / 2, y - 7.5, width, 15);
  write(context, text, x, y + 0.5, { font: ink.small, colour: "#111111", align: "center", baseline: "middle" });
}

function outlineCell(context, layout, cell, colour) {
  outline(context, cellCentre(layout, cell), layout.plot.cell, layout.plot.cell, colour);
}

function paintCursor(context, scene, layout, cell) {
  const { plot, queryStrip, keyStrip } = layout;
  const { x, y } = cellCentre(layout, cell);
  const style = { colour: scene.ink.faint, width: 1, dash: [3, 3] };
  line(context, { from: [queryStrip.x, y], to: [plot.x, y], ...style });
  line(context, { from: [x, plot.y + plot.side], to: [x, keyStrip.y + keyStrip.height], ...style });
  outlineCell(context, layout, cell, "#ffffff");
}

function cellAt({ plot }, steps, x, y) {
  const { scope } = plot;
  const cell = { query: scope.query + Math.floor((y - plot.y) / plot.cell), key: scope.key + Math.floor((x - plot.x) / plot.cell) };
  return isInScope(plot, cell) && cell.query < steps && cell.key < steps ? cell : null;
}
