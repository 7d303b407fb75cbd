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
  if (sheet.across === "key") return say("query step {step}", { step: row });
  return sheet.names[row] ?? `${sheet.axes.rows} ${row}`;
}

function columnName(content, sheet, column) {
  if (sheet.across === "key") return say("key step {step}", { step: column });
  if (sheet.across === "time") return say("step {step}", { step: column });
  return sheet.columns[column] ?? `${sheet.axes.across} ${column}`;
}

// float32 has 6 sure digits
function sixDigits(value) {
  return written(Number(value.toPrecision(6)));
}

function cellSentence(content, sheet, cell) {
  const row = sheet.rows ? `${rowName(content, sheet, cell.row)}, ` : "";
  const value = content.veiled ? "" : `: ${sixDigits(valueAt(sheet, cell))}`;
  return `${sheet.label}, ${row}${columnName(content, sheet, cell.column)}${value}`;
}

function rangeNote(content, sheet, layout) {
  const [top, low, high, mean] = [sheet.top, sheet.low, sheet.high, sheet.mean].map(shortNumber);
  const colours = {
    signed: content.veiled ? say("Blue is below zero, red above.") : say("Blue is below zero, red above, up to {top} either way.", { top }),
    share: say("Purple is 0, white a half, orange 1."),
    weight: content.veiled ? say("Dark is 0, yellow the largest.") : say("Dark is 0, yellow {top}.", { top }),
  }[sheet.colours];
  const lines = hasLines(sheet, layout) ? say("One line a feature, all in one scale.") : colours;
  if (content.veiled) return lines;
  const range = say("From {low} to {high}, mean {mean}.", { low, high, mean });
  const zeros = sheet.zeros > 0.001 ? ` ${say("{percent}% are exactly 0.", { percent: Math.round(100 * sheet.zeros) })}` : "";
  return `${lines} ${range}${zeros}`;
}

function sheetNote(content, sheet, layout) {
  const many = written((1 / layout.cell.height).toFixed(1));
  const shared = layout.cell.height < 1 ? ` ${say("{rows} rows a pixel: their mean.", { rows: many })}` : "";
  return `${rangeNote(content, sheet, layout)}${shared}`;
}

// Rows that are too low for a line are a heat map.
function hasLines(sheet, { cell }) {
  return sheet.rows === "feature" && cell.height >= LOWEST_LINE;
}

// A row a value of the opened sheet. The names of the columns are English in every language, for programs that read them.
function tableOf(content, sheet) {
  const box = content.boxes[content.opened].title;
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
