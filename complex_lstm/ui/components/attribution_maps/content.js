// content.js: from the bytes of Python to maps of importance, and from maps to pixels and sentences. Knows no page.
//
// Joined after the scripts of ../canvas/, in the order content.js, figure.js, marks.js, canvas.js, hence no imports.
// A map is {label, values, largest, isSigned, isEmpty}: (time, feature) importance step after step, and the largest
// distance from zero. A cell is {step, feature}.

function readContent(bytes, header) {
  const { methods, unsigned, features, times } = header;
  const numbers = new Float32Array(bytes.slice(header.start).buffer); // a copy, because a message may start at an odd byte
  const cells = times.length * features.length;
  const part = (at) => numbers.subarray(at * cells, (at + 1) * cells);
  const maps = methods.map((label, at) => asMap(label, part(at), !unsigned[at]));
  const signed = maps.filter((map) => map.isSigned);
  const content = { ...header, maps, signed, series: part(maps.length), scaled: part(maps.length + 1), truth: part(maps.length + 2) };
  return { ...content, largest: Math.max(0, ...signed.map((map) => map.largest)), span: finiteSpan(content.scaled) };
}

function asMap(label, values, isSigned) {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return { label, values, largest, isSigned, isEmpty: values.every(Number.isNaN) };
}

function finiteSpan(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isFinite(value) && value < low) low = value;
    if (Number.isFinite(value) && value > high) high = value;
  }
  return { low, high };
}

function indexOf(content, cell) {
  return cell.step * content.features.length + cell.feature;
}

function hasOwnRange(content, map) {
  return content.isOwnRange || !map.isSigned;
}

function topOf(content, map) {
  return (hasOwnRange(content, map) ? map.largest : content.largest) || 1;
}

// What must be said beside a map's title, the longer before the shorter.
function mapNotes(content, map) {
  if (map.isEmpty) return ["no values yet"];
  if (!map.isSigned) return [`no sign, own range to ${shortNumber(map.largest)}`, "no sign, own range"];
  return content.isOwnRange ? [`largest ${shortNumber(map.largest)}`] : [""];
}

function rangeNote(content) {
  if (content.signed.length === 0) return "Share of the method's largest, no sign";
  if (content.isOwnRange) return "Share of the method's largest";
  const whose = content.signed.length < content.maps.length ? "all methods with a sign" : "all methods";
  return `Importance${content.unit && ` (${content.unit})`}, one range for ${whose}`;
}

function cellSentence(content, cell) {
  const value = content.series[indexOf(content, cell)];
  const unit = content.units[cell.feature];
  const read = Number.isFinite(value) ? `${Number(value.toPrecision(6))}${unit && ` ${unit}`}` : "empty"; // float32 has 6 sure digits
  return `${content.times[cell.step]} (step ${cell.step}), ${content.features[cell.feature]} ${read}`;
}

function valueText(content, map, cell) {
  const value = map.values[indexOf(content, cell)];
  if (Number.isNaN(value)) return "–";
  return map.isSigned ? importanceText(value) : `${importanceText(value)} (no sign)`;
}

// Three digits; a row of zeros would hide how small a number is.
function importanceText(value) {
  return value === 0 || Math.abs(value) >= 0.001 ? shortNumber(value) : value.toExponential(2);
}

// The feature whose line is nearest to a height, in the unit of the scaled series.
function nearestFeature(content, step, height) {
  const away = content.features.map((_, feature) => Math.abs(content.scaled[indexOf(content, { step, feature })] - height));
  return away.reduce((nearest, one, feature) => (one < away[nearest] ? feature : nearest), 0);
}

// Where a pixel covers several steps it shows the one farthest from zero, because an average would hide a lone peak.
function pooledStep(map, features, steps, columns, column, feature) {
  const [begin, end] = [Math.floor((column * steps) / columns), Math.floor(((column + 1) * steps) / columns)];
  let farthest = map.values[begin * features + feature];
  for (let step = begin + 1; step < end; step++) {
    const value = map.values[step * features + feature];
    if (!(Math.abs(value) <= Math.abs(farthest))) farthest = value;
  }
  return farthest;
}

function shade(value, top) {
  return Math.round(127.5 * (1 + Math.max(-1, Math.min(1, value / top))));
}

// One pixel a cell, or a column of `most` where there are more steps; a cell without a value stays clear.
function paintMap(canvas, content, map, most, palette) {
  const [steps, features] = [content.times.length, content.features.length];
  [canvas.width, canvas.height] = [Math.min(steps, most), features];
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, features);
  const pixels = new Uint32Array(image.data.buffer);
  for (let column = 0; column < canvas.width; column++) {
    for (let feature = 0; feature < features; feature++) {
      const value = pooledStep(map, features, steps, canvas.width, column, feature);
      pixels[feature * canvas.width + column] = palette[shade(value, topOf(content, map))]; // undefined becomes 0, clear
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// A row a method and cell, with the cell's value in the file's unit and as the model sees it; steps count from 0.
function tableOf(content) {
  const columns = ["method", "step", "time", "feature", "importance", "importance_unit", "value", "unit", "scaled"];
  const rows = content.maps.flatMap((map) =>
    content.times.flatMap((time, step) =>
      content.features.map((name, feature) => {
        const at = indexOf(content, { step, feature });
        return [map.label, step, time, name, map.values[at], map.isSigned ? content.unit : "no sign", content.series[at], content.units[feature], content.scaled[at]];
      }),
    ),
  );
  return { columns, rows };
}
