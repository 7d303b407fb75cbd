// marks.js: what follows the visitor, drawn over the figure: all that a move of the mouse costs. Keeps nothing.

const PIN = "#009E73"; // no colour of the maps, and seen on light and dark
const CROSS = "#00000099"; // the maps' middle is white in both themes

// The pin, and the cursor above it, in every map and in the series.
function paintMarks(context, scene, layout, { pin, cursor }) {
  const shown = cursor ?? pin;
  if (!shown) return;
  for (const strip of layout.strips) paintPointed(context, scene, strip, shown.feature);
  for (const box of firstInLine(layout)) paintPointedName(context, scene, layout, box, shown.feature);
  scene.content.maps.forEach((map, at) => paintValue(context, scene, map, layout.maps[at], shown));
  if (pin) paintCross(context, scene, layout, pin, { cross: PIN, line: PIN, width: 1.5, cell: PIN });
  if (cursor) paintCross(context, scene, layout, cursor, { cross: CROSS, line: scene.ink.text, width: 1, cell: "#ffffff" });
}

function paintPointed(context, { content, ink }, strip, feature) {
  context.save();
  Object.assign(context, { globalAlpha: 0.6, fillStyle: ink.background }); // a veil: the other lines are not drawn again
  context.fillRect(strip.x, strip.y, strip.width, strip.height);
  context.restore();
  paintLine(context, content, strip, feature, 2.5);
}

function paintCross(context, { content }, layout, cell, colours) {
  const style = { width: colours.width, dash: [] };
  for (const box of layout.maps) paintCellCross(context, layout, box, cell, colours);
  for (const strip of layout.strips) {
    const { x } = centreOf(layout, strip, cell);
    line(context, { from: [x, strip.y], to: [x, strip.y + strip.height], colour: colours.line, ...style });
    paintDot(context, content.lines[cell.feature % content.lines.length], colours.line, x, pointOf(content, strip, cell).y);
  }
}

// The outline stands around the cell, and the lines end at it: the cell's own colour stays to be seen.
function paintCellCross(context, layout, box, cell, { cross: colour, width, cell: border }) {
  const { x, y } = centreOf(layout, box, cell);
  const [across, down] = [layout.cell.width / 2 + 2, layout.cell.height / 2 + 2];
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const ends = [[[x, box.y], [x, y - down]], [[x, y + down], [x, bottom]], [[box.x, y], [x - across, y]], [[x + across, y], [right, y]]];
  for (const [from, to] of ends) line(context, { from, to, colour, width, dash: [] });
  outline(context, { x, y }, 2 * across, 2 * down, border);
}

function paintDot(context, fillStyle, strokeStyle, x, y) {
  Object.assign(context, { fillStyle, strokeStyle, lineWidth: 1.5 });
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

// In the middle of a pixel, so that a thin line is not blurred over two.
function centreOf({ cell: { width, height } }, box, cell) {
  return { x: Math.floor(box.x + (cell.step + 0.5) * width) + 0.5, y: Math.floor(box.y + (cell.feature + 0.5) * height) + 0.5 };
}

// Where not every row has its name, the pointed one stands alone: between two others it would be read as either.
function paintPointedName(context, { content, ink }, layout, box, feature) {
  const { y } = centreOf(layout, box, { step: 0, feature });
  const isAlone = labelEvery(layout) > 1;
  context.fillStyle = ink.background;
  if (isAlone) context.fillRect(0, box.y - GAP, box.x - GAP - SWATCH, box.height + 2 * GAP);
  else context.fillRect(0, y - layout.cell.height / 2, box.x - GAP - SWATCH, layout.cell.height);
  writeName(context, layout, box, content.features[feature], y, { font: ink.strong, colour: ink.text });
}

// At the end of the title, in the place of the map's note: the eye need not leave the maps to compare them.
function paintValue(context, { content, ink }, map, box, cell) {
  context.fillStyle = ink.background;
  context.fillRect(box.x, box.y - TITLE, box.width + 1, TITLE - 2);
  paintTitleParts(context, ink, box, map.label, { text: valueText(content, map, cell), font: ink.strong, colour: ink.text });
}

// What the page says below the maps, for the picture that leaves it.
function paintPinSentence(context, { content, ink }, layout, pin) {
  const { x } = layout.maps[0];
  write(context, cellSentence(content, pin), x, layout.height + LINE, { font: ink.strong, colour: ink.text, most: layout.width - x });
}
