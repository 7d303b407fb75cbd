// content.js: from the bytes of Python to the columns of the strip. Knows no page. Joined after the shared scripts.

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
