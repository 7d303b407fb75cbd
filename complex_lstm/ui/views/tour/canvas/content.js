// content.js: from the bytes of Python to sheets, and from sheets to pixels and sentences. Knows no page.
//
// Joined after the scripts of ../canvas/, in the order content.js, boxes.js, sheet.js, canvas.js, hence no imports.
// A sheet is {label, height, width, rows, across, colours, top, values}: its values row after row. A cell is {row, column}.

const LOWEST_LINE = 8; // pixels of a row in which a line can be read

function readContent(bytes, header) {
  const numbers = new Float32Array(bytes.slice(header.start).buffer); // a copy, because a message may start at an odd byte
  let at = 0;
  const filled = (sheet) => ({ ...sheet, values: numbers.subarray(at, (at += sheet.height * sheet.width)) });
  const boxes = header.boxes.map(filled);
  const sheets = header.sheets.map(filled);
  const palettes = Object.fromEntries(Object.entries(header.palettes).map(([name, palette]) => [name, packedPalette(palette)]));
  const known = numbers.subarray(at, (at += header.known * header.boxes[0].height));
  return { ...header, boxes, sheets, palettes, known, cell: header.cell && filledCell(header.cell, numbers.subarray(at)) };
}

function filledCell(cell, numbers) {
  const size = 24 * cell.steps * cell.channels; // four readings of six quantities
  return { ...cell, values: numbers.subarray(0, size), held: cell.hold ? numbers.subarray(size, 2 * size) : null };
}

function valueAt(sheet, cell) {
  return sheet.values[cell.row * sheet.width + cell.column];
}

function hasTime(sheet) {
  return sheet.across === "time" || sheet.across === "key";
}

function isReader(name) {
  return name.startsWith("BiLSTM");
}

function rowName(content, sheet, row) {
  if (sheet.across === "key") return `query step ${row}`;
  return sheet.names[row] ?? `${sheet.rows} ${row}`;
}

function columnName(content, sheet, column) {
  if (sheet.across === "key") return `key step ${column}`;
  if (sheet.across === "time") return `step ${column}`;
  return sheet.columns[column] ?? `${sheet.across} ${column}`;
}

// float32 has 6 sure digits
function sixDigits(value) {
  return String(Number(value.toPrecision(6)));
}

function cellSentence(content, sheet, cell) {
  const row = sheet.rows ? `${rowName(content, sheet, cell.row)}, ` : "";
  const value = content.veiled ? "" : `: ${sixDigits(valueAt(sheet, cell))}`;
  return `${sheet.label}, ${row}${columnName(content, sheet, cell.column)}${value}`;
}

function rangeNote(content, sheet, layout) {
  const colours = {
    signed: content.veiled ? "Blue is below zero, red above." : `Blue is below zero, red above, up to ${shortNumber(sheet.top)} either way.`,
    share: "Purple is 0, white a half, orange 1.",
    weight: `Dark is 0, yellow ${content.veiled ? "the largest" : shortNumber(sheet.top)}.`,
  }[sheet.colours];
  const zeros = sheet.zeros > 0.001 ? ` ${Math.round(100 * sheet.zeros)}% are exactly 0.` : "";
  const lines = hasLines(sheet, layout) ? "One line a feature, all in one scale." : colours;
  return content.veiled ? lines : `${lines} From ${shortNumber(sheet.low)} to ${shortNumber(sheet.high)}, mean ${shortNumber(sheet.mean)}.${zeros}`;
}

function sheetNote(content, sheet, layout) {
  const shared = layout.cell.height < 1 ? ` ${(1 / layout.cell.height).toFixed(1)} rows a pixel: their mean.` : "";
  return `${rangeNote(content, sheet, layout)}${shared}`;
}

// Rows that are too low for a line are a heat map.
function hasLines(sheet, { cell }) {
  return sheet.rows === "feature" && cell.height >= LOWEST_LINE;
}

// A row a value of the opened sheet.
function tableOf(content, sheet) {
  const box = content.boxes[content.opened].name;
  const rows = Array.from(sheet.values, (value, at) => {
    const [row, column] = [Math.floor(at / sheet.width), at % sheet.width];
    const time = sheet.across === "time" ? content.times[column] : "";
    return [box, sheet.label, sheet.rows ? rowName(content, sheet, row) : "", columnName(content, sheet, column), time, value];
  });
  return { columns: ["box", "sheet", "row", "column", "time", "value"], rows };
}

function shade(sheet, value) {
  const share = sheet.colours === "signed" ? (1 + value / sheet.top) / 2 : value / sheet.top;
  return Math.round(255 * Math.max(0, Math.min(1, share)));
}

// One pixel a cell; the browser enlarges them without smoothing.
function paintCells(canvas, sheet, palettes) {
  [canvas.width, canvas.height] = [sheet.width, sheet.height];
  const context = canvas.getContext("2d");
  const image = context.createImageData(sheet.width, sheet.height);
  const pixels = new Uint32Array(image.data.buffer);
  const palette = palettes[sheet.colours];
  for (let at = 0; at < pixels.length; at++) pixels[at] = palette[shade(sheet, sheet.values[at])];
  context.putImageData(image, 0, 0);
  return canvas;
}

// All lines in one scale, so that a flat one is seen to be flat; `box` is where they are drawn.
function paintLine(context, sheet, row, box, colour, lineWidth) {
  const span = sheet.high - sheet.low || 1;
  Object.assign(context, { strokeStyle: colour, lineWidth, lineJoin: "round" });
  context.beginPath();
  for (let column = 0; column < sheet.width; column++) {
    const up = (valueAt(sheet, { row, column }) - sheet.low) / span;
    context.lineTo(box.x + ((column + 0.5) * box.width) / sheet.width, box.y + (1 - up) * (box.height - 2) + 1);
  }
  context.stroke();
}
