// sheet.js: one sheet large, with names along its rows and times below, and what follows the visitor over it.
//
// A scene is {content, sheet, ink, image}; lengths are CSS pixels, and the caller scales the context. Keeps nothing.

const HEIGHT = { usual: 250, least: 110, most: 460 };
const LARGEST_ROW = 34;
const LINE_ROW = 30;
const GAP = 8;
const RIGHT = 14;
const VALUE_ROOM = { width: 46, height: 15 }; // of a cell that can hold its number

// The sheet is as high as the screen leaves `room` for, or as usual where the page has to be scrolled to it anyway. It is always whole:
// of many rows several share a pixel.
function layOut(context, { content, sheet, ink }, width, room) {
  const left = Math.ceil(rowLabelWidth(context, content, sheet, ink)) + 2 * GAP;
  const label = labelSize(context, hasTime(sheet) ? content.times : columnNames(content, sheet), ink);
  const free = room - label.height - 20;
  const height = free < HEIGHT.least ? HEIGHT.usual : Math.min(free, HEIGHT.most);
  const row = Math.min(sheet.rows === "feature" ? LINE_ROW : LARGEST_ROW, height / sheet.height);
  const plot = { x: left, y: 6, width: Math.max(120, width - left - RIGHT), height: row * sheet.height };
  return { plot, cell: { width: plot.width / sheet.width, height: row }, label, width, height: plot.y + plot.height + label.height + 14 };
}

function columnNames(content, sheet) {
  return Array.from({ length: sheet.width }, (_, column) => columnName(content, sheet, column));
}

function rowLabelWidth(context, content, sheet, ink) {
  context.font = ink.small;
  const names = Array.from({ length: sheet.height }, (_, row) => rowName(content, sheet, row));
  return Math.min(LONGEST_LABEL, Math.max(...names.map((name) => context.measureText(name).width)));
}

function paintSheet(context, scene, layout) {
  const { content, sheet, ink, image } = scene;
  const { plot } = layout;
  context.fillStyle = ink.background;
  context.fillRect(0, 0, layout.width, layout.height);
  if (hasLines(sheet, layout)) paintFeatures(context, scene, layout);
  else {
    context.imageSmoothingEnabled = layout.cell.height < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(image, plot.x, plot.y, plot.width, plot.height);
  }
  frame(context, ink, plot);
  paintRowNames(context, scene, layout);
  paintColumnNames(context, scene, layout);
  if (!content.veiled && layout.cell.width >= VALUE_ROOM.width && layout.cell.height >= VALUE_ROOM.height) paintValues(context, scene, layout);
}

function paintFeatures(context, { content, sheet, ink }, { plot, cell }) {
  for (let row = 0; row < sheet.height; row++) {
    const box = { x: plot.x, y: plot.y + row * cell.height, width: plot.width, height: cell.height };
    paintKnown(context, content, sheet, row, box);
    if (row) mark(context, ink, [box.x, box.y], [box.x + box.width, box.y]);
    paintLine(context, sheet, row, box, content.lines[row % content.lines.length], 1.6);
  }
}

// The cells that are known to decide lie on a band of their own colour.
function paintKnown(context, content, sheet, row, box) {
  context.fillStyle = "#009e7355";
  for (let step = 0; step < content.known.length / sheet.height; step++) {
    if (content.known[step * sheet.height + row]) {
      const [left, right] = [step, step + 1].map((at) => Math.round(box.x + (at * box.width) / sheet.width)); // no seams
      context.fillRect(left, box.y, right - left, box.height);
    }
  }
}

function paintRowNames(context, { content, sheet, ink }, { plot, cell }) {
  const every = Math.ceil((LINE - 1) / cell.height);
  for (let row = 0; row < sheet.height; row += every) {
    const y = plot.y + (row + 0.5) * cell.height;
    write(context, rowName(content, sheet, row), plot.x - GAP, y, {
      font: ink.small, colour: ink.faint, align: "right", baseline: "middle", most: LONGEST_LABEL,
    });
  }
}

function paintColumnNames(context, { content, sheet, ink }, { plot, cell, label }) {
  const bottom = plot.y + plot.height;
  const style = { font: ink.small, colour: ink.faint, align: "center", baseline: "middle", most: LONGEST_LABEL };
  for (const column of tickSteps(sheet.width, cell.width, label.width + 18)) {
    const x = plot.x + (column + 0.5) * cell.width;
    mark(context, ink, [x, bottom + 1], [x, bottom + 5]);
    const name = hasTime(sheet) ? content.times[column] : columnName(content, sheet, column);
    labelLines(name).forEach((line, at) => write(context, line, x, bottom + 13 + at * LINE, style));
  }
}

// The middle of the colours is light and their ends are dark; of weights only the low end is dark. The middle of shares is a half.
function paintValues(context, { sheet, ink }, { plot, cell }) {
  for (let row = 0; row < sheet.height; row++) {
    for (let column = 0; column < sheet.width; column++) {
      const value = valueAt(sheet, { row, column });
      const away = sheet.colours === "share" ? 2 * Math.abs(value - 0.5) : Math.abs(value) / sheet.top;
      const isDark = sheet.colours === "weight" ? value < 0.6 * sheet.top : away > 0.6;
      write(context, shortNumber(value), plot.x + (column + 0.5) * cell.width, plot.y + (row + 0.5) * cell.height, {
        font: ink.small, colour: isDark ? "#ffffff" : "#111111", align: "center", baseline: "middle",
      });
    }
  }
}

// The time cursor, the row that is read, what each direction of a BiLSTM has read at this step, and the cell of the arithmetic.
function paintMarks(context, { content, sheet }, layout, { cursor, chosen }) {
  const { plot, cell } = layout;
  const place = ({ row, column }) => ({ x: plot.x + (column + 0.5) * cell.width, y: plot.y + (row + 0.5) * cell.height });
  const { x, y } = place(cursor);
  const { forward, backward } = content.colours;
  const [right, bottom] = [plot.x + plot.width, plot.y + plot.height];
  const ends = [[[x, plot.y], [x, bottom], forward], [[plot.x, y], [right, y], "#00000088"]];
  if (isReader(content.boxes[content.opened].name)) {
    if (sheet.reads !== "backward") ends.push([[plot.x, plot.y], [x, plot.y], forward]);
    if (sheet.reads !== "forward") ends.push([[x, bottom], [right, bottom], backward]);
  }
  for (const [from, to, colour] of hasTime(sheet) ? ends : []) {
    line(context, { from, to, colour, width: colour.length > 7 ? 1.5 : 2.5, dash: [] }); // the row's line is see-through
  }
  outline(context, place(chosen), cell.width + 3, cell.height + 3, "#ffffff");
  outline(context, { x, y }, cell.width, cell.height, forward);
}

function cellAt({ plot, cell }, sheet, x, y) {
  if (x < plot.x || y < plot.y || x > plot.x + plot.width || y > plot.y + plot.height) return null;
  const [column, row] = [Math.floor((x - plot.x) / cell.width), Math.floor((y - plot.y) / cell.height)];
  return { row: within(row, sheet.height), column: within(column, sheet.width) };
}
