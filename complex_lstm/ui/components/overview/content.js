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

// Every number of the panes, a row each; steps and cells count from 0, layers and heads from 1.
function tableOf(content) {
  const columns = ["pane", "side", "quantity", "name", "step", "time", "layer", "head", "query", "key", "value", "unit"];
  const sides = content.before ? [["now", content.now], ["before", content.before]] : [["", content.now]];
  const rows = [...seriesRows(content, sides[0][0]), ...sides.flatMap(([side, results]) => resultRows(content, side, results))];
  return { columns, rows };
}

function seriesRows(content, side) {
  const arrays = [["value", content.values, null, side], ["scaled value", content.series, "standard deviations", side], ["importance", content.tint, content.tintName, side]];
  if (content.earlier) arrays.push(["scaled value", content.earlier, "standard deviations", "before"]);
  return arrays.flatMap(([quantity, array, unit, of]) =>
    content.features.flatMap((name, feature) =>
      content.times.map((time, step) => ["series", of, quantity, name, step, time, "", "", "", "", array[step * content.features.length + feature], unit ?? content.units[feature]]),
    ),
  );
}

function resultRows(content, side, { prediction, attention, gate, heads, combined }) {
  const steps = content.times.length;
  const gates = Array.from(gate, (value, step) => ["gate", side, "mean gate", "share of convolution stage 1", step, content.times[step], "", "", "", "", value, ""]);
  const [layers, count, cells] = content.shapes.attention;
  const unit = cells < steps ? "largest weight of the steps from here to the next" : "weight";
  const first = (cell) => (cells < steps ? Math.floor((cell * steps) / cells) : cell);
  const weights = Array.from(attention, (value, at) => {
    const [map, query, key] = [Math.floor(at / cells ** 2), Math.floor(at / cells) % cells, at % cells];
    return ["attention", side, "weight", "", "", "", Math.floor(map / count) + 1, (map % count) + 1, first(query), first(key), value, unit];
  });
  const scale = "the model's scale";
  const members = Array.from(heads, (value, at) => ["heads", side, "ensemble head", content.outputs[at % content.outputs.length], "", "", "", Math.floor(at / content.outputs.length) + 1, "", "", value, scale]);
  const sums = Array.from(combined, (value, at) => ["heads", side, "combined output", content.outputs[at], "", "", "", "", "", "", value, scale]);
  const lines = prediction.flatMap((line) => ["predicted", "actual", "last"].map((quantity) => ["prediction", side, quantity, line.name, "", "", "", "", "", "", line[quantity], content.isClasses ? "probability" : "the file's unit"]));
  return [...lines.filter((row) => row[10] !== null), ...gates, ...(layers ? weights : []), ...members, ...sums];
}
