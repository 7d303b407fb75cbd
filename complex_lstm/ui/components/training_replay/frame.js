// frame.js: what changes from snapshot to snapshot: the maps, the gate, and what the visitor points at.

const OUTLINE = "#ffffff";

function paintFrame(context, scene, layout, snapshot, place) {
  paintRange(context, scene, snapshot);
  for (const [head, box] of layout.maps.entries()) paintHead(context, scene, snapshot, head, box, place);
  paintGate(context, scene, layout, snapshot);
  if (place) paintPlace(context, scene, layout, snapshot, place);
}

function paintRange(context, { content, ink, ownRange }, snapshot) {
  const style = { font: ink.small, colour: ink.faint };
  const top = topAt(content, snapshot, ownRange);
  write(context, "0", LEFT, 26, { ...style, align: "center" });
  write(context, shortNumber(top), LEFT + BAR.width, 26, { ...style, align: "center" });
  const whose = ownRange ? "this snapshot's own range" : "one range for all heads and snapshots";
  write(context, `Attention weight in layer ${content.layer + 1}, ${whose}`, LEFT + BAR.width + 2 * GAP, 12, { ...style, colour: ink.text });
}

function paintHead(context, scene, snapshot, head, box, place) {
  const { content, ink, ownRange, palette, tile } = scene;
  const isRead = place && place.query !== null && content.isIn[snapshot];
  write(context, `Head ${head + 1}`, box.x, box.y - 7, { font: ink.strong, colour: ink.text });
  if (isRead) {
    const weight = halfText(weightAt(content, snapshot, { ...place, head }));
    const font = head === place.head ? ink.strong : ink.small;
    write(context, weight, box.x + box.width, box.y - 7, { font, colour: ink.text, align: "right" });
  }
  if (content.isIn[snapshot]) {
    paintMap(tile, content, snapshot, head, topAt(content, snapshot, ownRange), palette);
    context.imageSmoothingEnabled = false;
    context.drawImage(tile, box.x, box.y, box.width, box.height);
  } else {
    const style = { font: ink.small, colour: ink.faint, align: "center", baseline: "middle" };
    write(context, "not added yet", box.x + box.width / 2, box.y + box.height / 2, style);
  }
  frame(context, ink, box);
}

function paintGate(context, { content, ink }, { gate }, snapshot) {
  const last = content.steps.length - 1;
  for (const [at, lineWidth, dash] of [[last, 1, [2, 3]], [snapshot, 2, []]]) {
    curve(context, gate, content.cells, (key) => gateAt(content, at, key), content.gateSpan);
    context.save();
    context.setLineDash(dash);
    Object.assign(context, { strokeStyle: at === snapshot && !dash.length ? content.colours.gate : ink.faint, lineWidth, lineJoin: "round" });
    context.stroke();
    context.restore();
  }
  if (!Number.isFinite(gateAt(content, snapshot, 0))) {
    const style = { font: ink.small, colour: ink.faint, align: "center", baseline: "middle" };
    write(context, "not added yet", gate.x + gate.width / 2, gate.y + gate.height / 2, style);
  }
  frame(context, ink, gate);
}

function paintPlace(context, { content, ink }, layout, snapshot, { query, key }) {
  const { maps, cell, gate, series } = layout;
  const { query: queryColour, key: keyColour } = content.colours;
  for (const box of content.isIn[snapshot] ? maps : []) {
    const x = box.x + (key + 0.5) * cell;
    if (query === null) line(context, { from: [x, box.y], to: [x, box.y + box.height], colour: keyColour, width: 1.5, dash: [] });
    else outline(context, { x, y: box.y + (query + 0.5) * cell }, cell, cell, OUTLINE);
  }
  const strips = content.names.length ? [gate, series] : [gate];
  for (const [at, colour, name] of [[query, queryColour, "query"], [key, keyColour, "key"]]) {
    if (at === null) continue;
    const x = gate.x + ((at + 0.5) * gate.width) / content.cells;
    for (const box of strips) line(context, { from: [x, box.y], to: [x, box.y + box.height], colour, width: 1.5, dash: [] });
    if (query !== null) tag(context, ink, name, x, strips.at(-1), colour);
  }
}

// The query's name stands at the top and the key's at the bottom, so that neither covers the other.
function tag(context, ink, text, x, box, colour) {
  context.font = ink.small;
  const width = context.measureText(text).width + 8;
  const left = Math.min(x + 2, box.x + box.width - width);
  const top = text === "query" ? box.y + 1 : box.y + box.height - 16;
  context.fillStyle = colour;
  context.fillRect(left, top, width, 15);
  write(context, text, left + width / 2, top + 8, { font: ink.small, colour: "#111111", align: "center", baseline: "middle" });
}

function placeAt(layout, content, x, y) {
  for (const [head, box] of layout.maps.entries()) {
    const [key, query] = [Math.floor((x - box.x) / layout.cell), Math.floor((y - box.y) / layout.cell)];
    if (key >= 0 && key < content.cells && query >= 0 && query < content.cells) return { head, query, key };
  }
  const { gate } = layout;
  const along = (x - gate.x) / gate.width;
  const isInStrips = y >= gate.y && y <= layout.bottom && along >= 0 && along < 1;
  return isInStrips ? { head: 0, query: null, key: Math.floor(along * content.cells) } : null;
}
