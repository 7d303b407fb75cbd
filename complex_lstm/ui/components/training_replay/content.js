// content.js: from the bytes of Python to maps, gate and series, and from these to pixels and sentences. Knows no page.
//
// Joined after the scripts of ../canvas/, in the order content.js, figure.js, frame.js, player.js, canvas.js, hence no
// imports. A place is {head, query, key}: a cell of a map, or with a query of null one time step of the window.

function readContent(bytes, header) {
  const { steps, heads, cells, names, times } = header;
  const body = bytes.slice(header.start).buffer; // a copy, because a message may start at an odd byte
  const gate = new Float32Array(body, 0, steps.length * cells);
  const series = new Float32Array(body, gate.byteLength, times.length * names.length);
  const weights = fromHalves(new Uint16Array(body, gate.byteLength + series.byteLength));
  const size = heads * cells * cells;
  const tops = steps.map((_, snapshot) => largestOf(weights.subarray(snapshot * size, (snapshot + 1) * size)));
  return { ...header, gate, series, weights, tops, top: Math.max(...tops), gateSpan: finiteSpan(gate), seriesSpan: finiteSpan(series) };
}

// Not every browser has a Float16Array. There are 65,536 halves: a table of them all is quicker than to work out each.
function fromHalves(halves) {
  const table = Float32Array.from({ length: 65536 }, (_, half) => valueOfHalf(half));
  const values = new Float32Array(halves.length);
  for (let at = 0; at < values.length; at++) values[at] = table[halves[at]];
  return values;
}

function valueOfHalf(half) {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
}

function largestOf(values) {
  let largest = 0;
  for (let at = 0; at < values.length; at++) if (values[at] > largest) largest = values[at];
  return largest;
}

function finiteSpan(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value; // never so for NaN
  }
  return { low, high };
}

function topAt(content, snapshot, ownRange) {
  return (ownRange ? content.tops[snapshot] : content.top) || 1;
}

function weightAt(content, snapshot, { head, query, key }) {
  const { heads, cells } = content;
  return content.weights[((snapshot * heads + head) * cells + query) * cells + key];
}

function gateAt(content, snapshot, key) {
  return content.gate[snapshot * content.cells + key];
}

function nearestSnapshot(content, step) {
  const away = content.steps.map((one) => Math.abs(one - step));
  return away.indexOf(Math.min(...away));
}

function counted(step) {
  return step.toLocaleString("en-US");
}

function snapshotWords(content, snapshot) {
  const [step, last] = [content.steps[snapshot], content.steps.at(-1)];
  return `Step ${counted(step)} of ${counted(last)}, ${step === 0 ? "untrained" : `epoch ${content.epochs[snapshot]}`}`;
}

// The steps of the window that share a cell, and the time of the first.
function cellWords(content, at) {
  const [first, last] = [at * content.cell, Math.min((at + 1) * content.cell, content.times.length) - 1];
  const time = content.times[first];
  const steps = last > first ? `steps ${first} to ${last}` : `step ${first}`;
  return time === String(first) ? steps : `${steps} (${time})`;
}

function placeSentence(content, snapshot, place) {
  const when = `Step ${counted(content.steps[snapshot])}`;
  if (!content.isIn[snapshot] && place.query !== null) return `${when}: this attention layer has not been added yet`;
  if (place.query === null) return `${when}: ${gateWords(content, snapshot, place.key)} at ${cellWords(content, place.key)}`;
  const weight = halfText(weightAt(content, snapshot, place));
  const [query, key] = [place.query, place.key].map((at) => cellWords(content, at));
  return `${when}, attention head ${place.head + 1}: query ${query} takes ${weight} of its attention from key ${key}`;
}

function gateWords(content, snapshot, key) {
  const value = gateAt(content, snapshot, key);
  return Number.isFinite(value) ? `mean gate ${Number(value.toPrecision(6))}` : "the gate has not been added yet"; // float32 has 6 sure digits
}

// Five digits tell any two halves apart.
function halfText(weight) {
  return String(Number(weight.toPrecision(5)));
}

// One pixel a cell; the page magnifies it by a whole number of the screen's.
function paintMap(canvas, content, snapshot, head, top, palette) {
  const { heads, cells, weights } = content;
  canvas.width = canvas.height = cells;
  const context = canvas.getContext("2d");
  const image = context.createImageData(cells, cells);
  const pixels = new Uint32Array(image.data.buffer);
  const [begin, scale] = [(snapshot * heads + head) * cells * cells, 255 / top];
  for (let at = 0; at < pixels.length; at++) pixels[at] = palette[Math.min(255, Math.round(weights[begin + at] * scale))];
  context.putImageData(image, 0, 0);
  return canvas;
}

// The maps and the gate of the shown snapshot, and the series below them. A cell of a long window is several steps, of which the
// first is named; steps count from 0, layers and heads from 1.
function tableOf(content, snapshot) {
  const { heads, cells, cell, times, names } = content;
  const columns = ["quantity", "optimizer_step", "layer", "head", "feature", "query_step", "key_step", "time", "value"];
  const step = content.steps[snapshot];
  const maps = content.isIn[snapshot] ? Array.from({ length: heads * cells * cells }, (_, at) => at) : [];
  const weights = maps.map((at) => {
    const place = { head: Math.floor(at / cells ** 2), query: Math.floor(at / cells) % cells, key: at % cells };
    return ["weight", step, content.layer + 1, place.head + 1, "", place.query * cell, place.key * cell, times[place.key * cell], weightAt(content, snapshot, place)];
  });
  const gates = Array.from({ length: cells }, (_, key) => ["mean gate", step, "", "", "", "", key * cell, times[key * cell], gateAt(content, snapshot, key)]);
  const series = names.flatMap((name, feature) => times.map((time, at) => ["series", "", "", "", name, "", at, time, content.series[at * names.length + feature]]));
  return { columns, rows: [...weights, ...gates, ...series] };
}
