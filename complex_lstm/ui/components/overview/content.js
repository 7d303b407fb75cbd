// content.js: from the bytes of Python to what the panes draw, and from a step to the sentence that reads it. Knows no page.
//
// Joined after the shared scripts, in the order content.js, figure.js, canvas.js, hence no imports. Arrays are flat, in the order
// of their axes: series (time, feature), attention (layer, head, query, key), heads (ensemble head, output).

function readContent(bytes, header) {
  const numbers = new Float32Array(bytes.slice(header.start).buffer); // a copy, because a message may start at an odd byte
  let at = 0;
  const take = (count) => numbers.subarray(at, (at += count));
  const cells = header.times.length * header.features.length;
  const [attention, heads] = [header.shapes.attention, header.shapes.heads];
  const results = (prediction) => ({
    prediction,
    attention: take(attention.reduce((product, size) => product * size, 1)),
    gate: take(header.times.length),
    heads: take(heads[0] * heads[1]),
    combined: take(heads[1]),
  });
  const [series, values, tint] = [take(cells), take(cells), take(cells)];
  const now = results(header.prediction);
  const before = header.before && results(header.before);
  return { ...header, series, values, tint, now, before, earlier: header.hasEarlierSeries ? take(cells) : null };
}

function column(content, array, feature) {
  return Array.from(content.times, (_, step) => array[step * content.features.length + feature]);
}

// The lowest and highest finite number, or 0 and 1 where there is none.
function spanOf(...lists) {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (const value of list) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? { low: 0, high: 1 } : { low, high };
}

// The range in which a row is drawn, with room at both ends; a constant row lies in its middle.
function padded({ low, high }, share) {
  const more = (high - low || 1) * share;
  return { low: low - more, high: high + more };
}

// What is read at one step: the time, every drawn value with its importance, and the gate.
function stepSentence(content, step) {
  const read = content.features.map((name, feature) => {
    const [value, tint] = [content.values[step * content.features.length + feature], content.tint[step * content.features.length + feature]];
    const unit = content.units[feature];
    const shown = Number.isFinite(value) ? `${shortNumber(value)}${unit && ` ${unit}`}` : "empty";
    return `${name} ${shown}${Number.isFinite(tint) ? ` (importance ${tint < 0 ? "" : "+"}${shortNumber(tint)})` : ""}`;
  });
  const gate = Number.isFinite(content.now.gate[step]) ? `gate ${content.now.gate[step].toFixed(2)}` : "no such step";
  return `${content.moments[step]}: ${[...read.slice(0, 6), gate].join(" · ")}`;
}
