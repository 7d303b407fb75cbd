// figure.js: the rows with their names, values and times, and what is brushed or drawn on them, on any canvas context.
// Keeps nothing.
//
// A scene is {content, ink}; lengths are CSS pixels, and the caller scales the context.

const ROWS_HEIGHT = 400; // of all rows: with the tools below they fit a laptop's screen
const SMALLEST_ROW = 38;
const LARGEST_ROW = 96;
const BETWEEN = 6;
const NUMBERS = 46;
const GAP = 8;
const RIGHT = 14;
const TOP = 4;
// In a rail beside the picture the rows are lower, names shorter, and ranges stand only where a row has room for them.
const NARROW = { most: 460, rowsHeight: 190, smallestRow: 16, between: 3, names: 62, right: 4 };
const ROOM_FOR_NUMBERS = 34;
const ROOM_FOR_UNIT = 30;

function layOut(context, content, ink, width) {
  const label = labelSize(context, content.times, ink);
  context.font = ink.strong;
  const isNarrow = width <= NARROW.most;
  const widest = Math.max(...content.rows.map(({ name }) => context.measureText(name).width));
  const names = Math.ceil(Math.min(isNarrow ? NARROW.names : LONGEST_LABEL, widest));
  const [most, smallest, between] = isNarrow ? [NARROW.rowsHeight, NARROW.smallestRow, NARROW.between] : [ROWS_HEIGHT, SMALLEST_ROW, BETWEEN];
  const height = Math.max(smallest, Math.min(LARGEST_ROW, Math.floor(most / content.rows.length) - between));
  const left = names + (height < ROOM_FOR_NUMBERS ? 0 : NUMBERS) + 2 * GAP;
  const right = isNarrow ? NARROW.right : RIGHT;
  const plot = Math.max(160, width - left - right);
  return {
    rows: content.rows.map((_, row) => ({ x: left, y: TOP + row * (height + between), width: plot, height })),
    cell: plot / content.steps,
    label,
    names,
    width: left + plot + right,
    height: TOP + content.rows.length * (height + between) + label.height + GAP + 6,
  };
}

function paintScene(context, scene, layout) {
  const { content, ink } = scene;
  context.fillStyle = ink.background;
  context.fillRect(0, 0, layout.width, layout.height);
  content.rows.forEach((row, at) => {
    const box = layout.rows[at];
    paintNumbers(context, ink, row, box);
    paintLine(context, layout, box, row, changedPart(row), { strokeStyle: ink.faint, lineWidth: 1.25, dash: [4, 3] });
    paintLine(context, layout, box, row, row.after, { strokeStyle: row.colour, lineWidth: 2, dash: [] });
    frame(context, ink, box);
  });
  paintTimes(context, scene, layout);
}

function paintNumbers(context, ink, row, box) {
  if (box.height < ROOM_FOR_NUMBERS) return;
  const style = { font: ink.small, colour: ink.faint, align: "right", baseline: "middle", most: NUMBERS };
  write(context, shortNumber(row.high), box.x - 6, box.y + 7, style);
  write(context, shortNumber(row.low), box.x - 6, box.y + box.height - 6, style);
}

function paintLine(context, layout, box, row, values, { dash, ...style }) {
  context.save();
  Object.assign(context, { lineJoin: "round", ...style });
  context.setLineDash(dash);
  context.beginPath();
  let follows = false;
  for (const [step, value] of values.entries()) {
    if (!Number.isNaN(value)) context[follows ? "lineTo" : "moveTo"](...pointOf(layout, box, row, step, value));
    follows = !Number.isNaN(value);
  }
  if (values.length === 1) context.rect(...pointOf(layout, box, row, 0, values[0]), 2, 2); // one value has no line to be seen by
  context.stroke();
  context.restore();
}

function pointOf(layout, box, row, step, value) {
  return [box.x + (step + 0.5) * layout.cell, box.y + box.height * (1 - (value - row.low) / (row.high - row.low))];
}

function paintTimes(context, { content, ink }, layout) {
  const box = layout.rows.at(-1);
  const bottom = box.y + box.height;
  const style = { font: ink.small, colour: ink.faint, align: "center", baseline: "middle", most: LONGEST_LABEL };
  for (const step of tickSteps(content.steps, layout.cell, layout.label.width + 18)) {
    const x = box.x + (step + 0.5) * layout.cell;
    mark(context, ink, [x, bottom + 1], [x, bottom + 5]);
    if (x + layout.label.width / 2 > layout.width) continue;
    labelLines(content.times[step]).forEach((line, at) => write(context, line, x, bottom + 13 + at * LINE, style));
  }
}

// What follows the visitor: all that a move of the mouse costs.
function paintMarks(context, scene, layout, { segment, path, lift, cursor }) {
  scene.content.rows.forEach((row, at) => {
    const isBrushed = segment.features.includes(row.number);
    paintName(context, scene.ink, layout, row, layout.rows[at], isBrushed);
    if (isBrushed && !path) paintSegment(context, scene.ink, layout, layout.rows[at], segment);
    if (isBrushed && lift) paintLift(context, scene.ink, layout, { row, at }, segment, lift);
  });
  if (path) paintPath(context, scene, layout, path);
  if (cursor) paintCursor(context, scene, layout, cursor);
}

function paintName(context, ink, layout, { name, unit, colour }, box, isBrushed) {
  const middle = box.y + box.height / 2;
  const style = { align: "right", baseline: "middle", most: layout.names };
  const x = GAP + layout.names;
  context.fillStyle = colour;
  context.fillRect(0, middle - Math.min(8, box.height / 2 - 1), 4, Math.min(16, box.height - 2));
  const isBeside = unit && box.height >= ROOM_FOR_UNIT;
  write(context, name, x, middle - (isBeside ? 7 : 0), { ...style, font: isBrushed ? ink.strong : ink.small, colour: ink.text });
  if (isBeside) write(context, unit, x, middle + 8, { ...style, font: ink.small, colour: ink.faint });
}

function paintSegment(context, ink, layout, box, { first, last }) {
  const [x, width] = [box.x + first * layout.cell, (last - first + 1) * layout.cell];
  context.save();
  Object.assign(context, { globalAlpha: 0.16, fillStyle: ink.primary });
  context.fillRect(x, box.y, width, box.height);
  context.restore();
  Object.assign(context, { strokeStyle: ink.primary, lineWidth: 1.5 });
  context.strokeRect(x, box.y, width, box.height);
}

// The segment where it would be. Only the row that is held goes beyond its frame: there the mouse is.
function paintLift(context, ink, layout, { row, at }, { first, last }, lift) {
  const box = layout.rows[at];
  const moved = row.after.map((value, step) => (step >= first && step <= last ? value + lift.amount : NaN));
  context.save();
  if (at !== lift.row) {
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
  }
  paintLine(context, layout, box, row, moved, { strokeStyle: ink.primary, lineWidth: 2.5, dash: [] });
  context.restore();
}

function paintPath(context, { content, ink }, layout, { row, points }) {
  const box = layout.rows[row];
  context.save();
  Object.assign(context, { strokeStyle: ink.primary, fillStyle: ink.primary, lineWidth: 2.5, lineJoin: "round" });
  context.beginPath();
  for (const { step, value } of inOrder(points)) {
    context.lineTo(...pointOf(layout, box, content.rows[row], step, value));
  }
  context.stroke();
  context.restore();
}

function paintCursor(context, { content, ink }, layout, { step, row }) {
  const x = Math.floor(layout.rows[0].x + (step + 0.5) * layout.cell) + 0.5;
  const last = layout.rows.at(-1);
  line(context, { from: [x, TOP], to: [x, last.y + last.height], colour: ink.faint, width: 1, dash: [3, 3] });
  const [, y] = pointOf(layout, layout.rows[row], content.rows[row], step, content.rows[row].after[step]);
  Object.assign(context, { fillStyle: content.rows[row].colour, strokeStyle: ink.text, lineWidth: 1.5 });
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

// The cell that is nearest to a place, and the value that its height stands for.
function placeOf(layout, content, x, y) {
  const step = within(Math.floor((x - layout.rows[0].x) / layout.cell), content.steps);
  const apart = layout.rows.length > 1 ? layout.rows[1].y - layout.rows[0].y : layout.rows[0].height;
  const row = within(Math.floor((y - TOP) / apart), content.rows.length);
  return { step, row, isInside: x >= layout.rows[0].x && x < layout.rows[0].x + layout.rows[0].width };
}

function valueAt(layout, content, row, y) {
  const [box, { low, high }] = [layout.rows[row], content.rows[row]];
  const up = Math.min(Math.max(1 - (y - box.y) / box.height, 0), 1);
  return Number((low + up * (high - low)).toPrecision(6));
}
