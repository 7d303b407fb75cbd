// content.js: from the bytes of Python to maps of weights, and from maps to pixels. Knows no page.
//
// Joined after the scripts of ../canvas/, in the order content.js, figure.js, canvas.js, hence no imports.
// A map is {values, steps, largest}: (query, key) weights row by row, and the largest of them.

function readContent(bytes, header) {
  const { layers, heads, steps, names } = header;
  const numbers = new Float32Array(bytes.slice(header.start).buffer); // a copy, because a message may start at an odd byte
  const cells = steps * steps;
  const count = layers * heads;
  const map = (at) => asMap(numbers.subarray(at * cells, (at + 1) * cells), steps);
  const headMaps = Array.from({ length: count }, (_, at) => map(at));
  return {
    ...header,
    headMaps,
    rollout: map(count),
    series: numbers.subarray((count + 1) * cells, (count + 1) * cells + steps * names.length),
    largest: Math.max(...headMaps.map((one) => one.largest)),
    averages: new Map(),
  };
}

function asMap(values, steps) {
  let largest = 0;
  for (let at = 0; at < values.length; at++) if (values[at] > largest) largest = values[at];
  return { values, steps, largest };
}

function headMap(content, layer, head) {
  return content.headMaps[layer * content.heads + head];
}

function averageMap(content, layer) {
  if (!content.averages.has(layer)) {
    const sum = new Float64Array(content.steps ** 2);
    for (let head = 0; head < content.heads; head++) {
      const { values } = headMap(content, layer, head);
      for (let at = 0; at < sum.length; at++) sum[at] += values[at];
    }
    content.averages.set(layer, asMap(Float32Array.from(sum, (total) => total / content.heads), content.steps));
  }
  return content.averages.get(layer);
}

function chosenMap(content, view) {
  if (view.map === "rollout") return content.rollout;
  return view.map === "average" ? averageMap(content, view.layer) : headMap(content, view.layer, view.head);
}

function mapTitle(content, view) {
  if (view.map === "rollout") return `Rollout through ${content.layers} ${content.layers === 1 ? "layer" : "layers"}`;
  if (view.map === "average") return `Layer ${view.layer + 1}, average of ${content.heads} attention heads`;
  return headTitle(view.layer, view.head);
}

function headTitle(layer, head) {
  return `Layer ${layer + 1}, attention head ${head + 1}`;
}

// A rollout mixes layers and the residual path, so it never shares the heads' range.
function colourRange(content, view, ownRange) {
  const map = chosenMap(content, view);
  if (view.map === "rollout") return { top: map.largest || 1, note: "Share of the rollout, own range" };
  if (ownRange) return { top: map.largest || 1, note: "Attention weight, own range" };
  return { top: content.largest || 1, note: "Attention weight, one range for all heads" };
}

function weightAt(map, cell) {
  return map.values[cell.query * map.steps + cell.key];
}

function stepName(content, step) {
  return `${content.times[step]} (step ${step})`;
}

function cellSentence(content, view, cell) {
  const weight = Number(weightAt(chosenMap(content, view), cell).toPrecision(6)); // float32 has 6 sure digits
  const query = `query ${stepName(content, cell.query)}`;
  const key = `key ${stepName(content, cell.key)}`;
  const whole = view.map === "rollout" ? "rollout" : "attention";
  return `${mapTitle(content, view)}: ${query} takes ${weight} of its ${whole} from ${key}`;
}

// Where a pixel covers several cells it shows the largest, because an average would hide a lone peak.
function pooled(map, side) {
  if (side >= map.steps) return map;
  const values = new Float32Array(side * side);
  for (let query = 0, at = 0; query < map.steps; query++) {
    const row = Math.floor((query * side) / map.steps) * side;
    for (let key = 0; key < map.steps; key++, at++) {
      const to = row + Math.floor((key * side) / map.steps);
      if (map.values[at] > values[to]) values[to] = map.values[at];
    }
  }
  return { values, steps: side, largest: map.largest };
}

function paintMap(canvas, map, top, palette) {
  canvas.width = canvas.height = map.steps;
  const context = canvas.getContext("2d");
  const image = context.createImageData(map.steps, map.steps);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = 255 / top;
  for (let at = 0; at < pixels.length; at++) pixels[at] = palette[Math.min(255, Math.round(map.values[at] * scale))];
  context.putImageData(image, 0, 0);
  return canvas;
}

// The weights of the large map, then the series beside it; steps count from 0.
function tableOf(content, view) {
  const columns = ["quantity", "name", "query_step", "query_time", "key_step", "key_time", "value"];
  const [map, title] = [chosenMap(content, view), mapTitle(content, view)];
  const weights = Array.from(map.values, (value, at) => {
    const [query, key] = [Math.floor(at / content.steps), at % content.steps];
    return ["weight", title, query, content.times[query], key, content.times[key], value];
  });
  const name = content.names[view.feature];
  const series = content.times.map((time, step) => ["series", name, "", "", step, time, content.series[step * content.names.length + view.feature]]);
  return { columns, rows: [...weights, ...series] };
}
