// content.js: from the bytes of Python to maps of weights, and from maps to pixels. Knows no page.
//
// Joined after the scripts of ../canvas/, in the order content.js, figure.js, canvas.js, hence no imports.
// A map is {values, side, largest, scale}: squares (query, key) row by row, each with the largest of its weights, which is
// value * scale; and the largest of all. Where `isExact` a square is one weight and the scale 1; else values are bytes, and
// exact weights come in tiles of content.tile steps on each side, by `tileKey`.

const MOST_TILES = 32; // kept of exact weights: 8 MB

function readContent(bytes, header) {
  const { layers, heads, side, names, tops, isExact, hasRollout, seriesPoints } = header;
  const numbers = new Float32Array(bytes.slice(header.start, header.start + 4 * seriesPoints * names.length).buffer); // copied: a message may start at an odd byte
  const rest = bytes.slice(header.start + numbers.byteLength);
  const values = isExact ? new Float32Array(rest.buffer) : rest;
  const map = (at) => ({
    values: values.subarray(at * side * side, (at + 1) * side * side), side, largest: tops[at], scale: isExact ? 1 : tops[at] / 255,
  });
  const count = layers * heads;
  return {
    ...header,
    headMaps: Array.from({ length: count }, (_, at) => map(at)),
    averages: Array.from({ length: layers }, (_, layer) => map(count + layer)),
    rollout: hasRollout ? map(count + layers) : null,
    series: numbers,
    largest: Math.max(...tops.slice(0, count)),
    tiles: new Map(),
  };
}

function headMap(content, layer, head) {
  return content.headMaps[layer * content.heads + head];
}

function chosenMap(content, view) {
  if (view.map === "rollout") return content.rollout;
  return view.map === "average" ? content.averages[view.layer] : headMap(content, view.layer, view.head);
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

function squareOf(content, cell) {
  return Math.floor(cell.query / content.square) * content.side + Math.floor(cell.key / content.square);
}

// The tile of exact weights that a cell lies in, as Python is asked for it.
function tileAt({ tile }, { map, layer, head }, cell) {
  const corner = { query: Math.floor(cell.query / tile) * tile, key: Math.floor(cell.key / tile) * tile };
  return { map, layer: map === "rollout" ? 0 : layer, head: map === "head" ? head : 0, ...corner };
}

function tileKey({ map, layer, head, query, key }) {
  return [map, layer, head, query, key].join(" ");
}

function exactTile(content, view, cell) {
  return content.tiles.get(tileKey(tileAt(content, view, cell)));
}

function keepTile(content, { asked, rows, columns, values }) {
  content.tiles.set(tileKey(asked), { ...asked, rows, columns, values });
  if (content.tiles.size > MOST_TILES) content.tiles.delete(content.tiles.keys().next().value);
}

// The weight of a cell, exact or within a 510th of the map's largest; of a square of several weights the largest of them.
function weightAt(content, view, cell) {
  const map = chosenMap(content, view);
  if (content.isExact) return { weight: map.values[squareOf(content, cell)], isExact: true };
  const tile = exactTile(content, view, cell);
  if (!tile) return { weight: map.values[squareOf(content, cell)] * map.scale, isExact: false };
  return { weight: tile.values[(cell.query - tile.query) * tile.columns + cell.key - tile.key], isExact: true };
}

// The cell with the largest weight of the square that a cell lies in; the cell itself while its weights are not here.
function largestOfSquare(content, view, cell) {
  const tile = content.square > 1 && exactTile(content, view, cell);
  if (!tile) return cell;
  const from = { query: Math.floor(cell.query / content.square) * content.square, key: Math.floor(cell.key / content.square) * content.square };
  let [largest, found] = [-1, cell];
  for (let query = from.query; query < Math.min(from.query + content.square, tile.query + tile.rows); query++) {
    for (let key = from.key; key < Math.min(from.key + content.square, tile.key + tile.columns); key++) {
      const weight = tile.values[(query - tile.query) * tile.columns + key - tile.key];
      if (weight > largest) [largest, found] = [weight, { query, key }];
    }
  }
  return found;
}

function stepName(content, step) {
  return `${content.times[step]} (step ${step})`;
}

// `isSquare` says that the cell stands for its square, of which it has the largest weight.
function cellSentence(content, view, cell, isSquare) {
  const { weight, isExact } = weightAt(content, view, cell);
  const whole = view.map === "rollout" ? "rollout" : "attention";
  if (!isExact) return `${mapTitle(content, view)}: about ${shortNumber(weight)} here, near query ${stepName(content, cell.query)} and key ${stepName(content, cell.key)}; reading the exact weights…`;
  const number = Number(weight.toPrecision(6)); // float32 has 6 sure digits
  const query = `query ${stepName(content, cell.query)}`;
  const key = `key ${stepName(content, cell.key)}`;
  const note = isSquare && content.square > 1 ? `, the largest of the ${content.square} x ${content.square} weights of this square` : "";
  return `${mapTitle(content, view)}: ${query} takes ${number} of its ${whole} from ${key}${note}`;
}

// What is shown of a map: all of it by squares, or the one tile that a visitor has zoomed into, weight by weight.
function scopeOf(content, zoom) {
  if (!zoom) return { query: 0, key: 0, steps: content.steps, isZoomed: false };
  return { query: zoom.query, key: zoom.key, steps: content.tile, isZoomed: true };
}

// The map of a tile: its exact weights, or while they are on their way the squares that they lie in.
function tileMap(content, view, scope) {
  const { tile } = content;
  const values = new Float32Array(tile * tile);
  for (let row = 0, at = 0; row < tile; row++) {
    for (let column = 0; column < tile; column++, at++) {
      const cell = { query: scope.query + row, key: scope.key + column };
      if (cell.query < content.steps && cell.key < content.steps) values[at] = weightAt(content, view, cell).weight;
    }
  }
  return { values, side: tile, largest: chosenMap(content, view).largest, scale: 1 };
}

// Where a pixel covers several cells it shows the largest, because an average would hide a lone peak.
function pooled(map, side) {
  if (side >= map.side) return map;
  const values = new map.values.constructor(side * side);
  for (let query = 0, at = 0; query < map.side; query++) {
    const row = Math.floor((query * side) / map.side) * side;
    for (let key = 0; key < map.side; key++, at++) {
      const to = row + Math.floor((key * side) / map.side);
      if (map.values[at] > values[to]) values[to] = map.values[at];
    }
  }
  return { ...map, values, side };
}

function paintMap(canvas, map, top, palette) {
  canvas.width = canvas.height = map.side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(map.side, map.side);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = (255 * map.scale) / top;
  for (let at = 0; at < pixels.length; at++) pixels[at] = palette[Math.min(255, Math.round(map.values[at] * scale))];
  context.putImageData(image, 0, 0);
  return canvas;
}

// What the large map shows, square by square or in a tile weight by weight, then the series beside it; steps count from 0.
function tableOf(content, view, scope) {
  const columns = ["quantity", "name", "query_step", "query_time", "key_step", "key_time", "value"];
  const map = scope.isZoomed ? tileMap(content, view, scope) : chosenMap(content, view);
  const [title, square] = [mapTitle(content, view), scope.isZoomed ? 1 : content.square];
  const isExact = content.isExact || (scope.isZoomed && exactTile(content, view, scope));
  const quantity = isExact ? "weight" : `largest weight of ${square} x ${square} from here on, to a 255th of ${shortNumber(map.largest)}`;
  const weights = Array.from(map.values, (value, at) => {
    const [query, key] = [scope.query + square * Math.floor(at / map.side), scope.key + square * (at % map.side)];
    return [quantity, title, query, content.times[query], key, content.times[key], value * map.scale];
  }).filter((row) => row[2] < content.steps && row[4] < content.steps);
  const name = content.names[view.feature];
  const points = content.seriesPoints;
  const series = Array.from({ length: points }, (_, at) => {
    const step = Math.floor((at * content.steps) / points);
    return ["series", name, "", "", step, content.times[step], content.series[at * content.names.length + view.feature]];
  });
  return { columns, rows: [...weights, ...series] };
}
