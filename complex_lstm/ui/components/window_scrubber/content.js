// content.js: from the bytes of Python to the columns of the strip, and the strip itself. Knows no page. Joined after the shared scripts.

const PART_COLOURS = ["#0072B2", "#E69F00", "#009E73", "#009E73", "#7F7F7F"];
const STRIP = { height: 26, part: 5 };

function readContent(bytes, header) {
  const numbers = new Float32Array(bytes.slice(header.start).buffer); // a copy, because a message may start at an odd byte
  const errors = numbers.subarray(0, header.count);
  let top = 0;
  for (const error of errors) if (error > top) top = error;
  return { ...header, errors, codes: numbers.subarray(header.count, 2 * header.count), top };
}

// The windows of a pixel column, from and to: with few windows a column is a part of one.
function windowsAt(content, at, columns) {
  const begin = Math.floor((at * content.count) / columns);
  return [begin, Math.max(begin + 1, Math.floor(((at + 1) * content.count) / columns))];
}

// A pixel shows the largest error of its windows, because the mean would hide a lone bad one.
function worstIn(content, [begin, end]) {
  let worst = NaN;
  for (let window = begin; window < end; window++) if (!(content.errors[window] <= worst)) worst = Number.isFinite(content.errors[window]) ? content.errors[window] : worst;
  return worst;
}

function noteOf(content, window) {
  const part = content.parts[content.codes[window]];
  const error = content.errors[window];
  const read = Number.isFinite(error) ? `${content.errorName} ${shortNumber(error)}` : content.isKnown ? "no known answer" : "error is being computed";
  return `window ${window} of ${content.count} · ${part === "this file" ? part : `${part} part`} · ${read}`;
}

function paintStrip(context, { content, ink, palette }, layout, pointed) {
  const columns = Math.max(1, Math.floor(layout.width));
  for (let at = 0; at < columns; at++) {
    const windows = windowsAt(content, at, columns);
    const worst = worstIn(content, windows);
    const share = content.top ? worst / content.top : 0;
    const shade = Math.round(255 * Math.max(0, Math.min(1, share)));
    context.fillStyle = Number.isFinite(worst) ? `rgb(${palette.slice(3 * shade, 3 * shade + 3).join(",")})` : ink.border;
    context.fillRect(at, 0, 1, STRIP.height - STRIP.part - 1);
    context.fillStyle = PART_COLOURS[content.codes[windows[0]]];
    context.fillRect(at, STRIP.height - STRIP.part, 1, STRIP.part);
  }
  const x = ((content.chosen + 0.5) / content.count) * layout.width;
  for (const [colour, width] of [[ink.background, 6], [ink.text, 2.5]]) line(context, { from: [x, 0], to: [x, STRIP.height], colour, width, dash: [] });
  if (pointed !== null) {
    const at = ((pointed + 0.5) / content.count) * layout.width;
    line(context, { from: [at, 0], to: [at, STRIP.height], colour: ink.text, width: 1, dash: [3, 2] });
  }
}

function paintLegend(context, { content, ink }, layout) {
  const style = { font: ink.small, colour: ink.text };
  write(context, noteOf(content, content.chosen), 0, STRIP.height + LINE, { ...style, most: layout.width });
  let x = 0;
  for (const code of new Set(content.codes)) {
    context.fillStyle = PART_COLOURS[code];
    context.fillRect(x, STRIP.height + 2 * LINE - 6, 10, 5);
    write(context, content.parts[code], x + 14, STRIP.height + 2 * LINE, style);
    x += 24 + context.measureText(content.parts[code]).width;
  }
  if (content.top) write(context, `${content.errorName} from 0 to ${shortNumber(content.top)}`, x, STRIP.height + 2 * LINE, { ...style, colour: ink.faint });
}

function tableOf(content) {
  const rows = Array.from({ length: content.count }, (_, window) => [window, content.parts[content.codes[window]], content.errors[window]]);
  return { columns: ["window", "part", content.errorName], rows };
}
