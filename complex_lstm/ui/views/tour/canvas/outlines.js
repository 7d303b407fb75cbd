// outlines.js: the answers to a page's question in the picture. Python tells where they lie once the question is answered.
//
// An outline is {kind, words, regions}, a region {box, sheet, rows, columns}: without a sheet it lies on every sheet over time, without
// rows or columns on all of them. Kinds differ by their sign, their line and their words, not by their colour alone.

const OUTLINES = {
  right: { sign: "✓", words: say("right answer"), colour: "#009e73", dark: "#00734f", dash: [] },
  given: { sign: "✗", words: say("your answer"), colour: "#d55e00", dark: "#b34700", dash: [7, 4] },
  decides: { sign: "◆", words: say("what decides it"), colour: "#0072b2", dark: "#0072b2", dash: [2, 3] },
};
const SIGN = 15; // pixels of a sign's square
const SMALLEST = 9; // of what is outlined

function isOn(region, view, sheet) {
  return region.box === view.box && (region.sheet === null ? hasTime(sheet) : region.sheet === view.sheet);
}

// The rows and columns of a region that a sheet has: none are left of one that is beyond it.
function cut(region, sheet) {
  const [[top, bottom], [left, right]] = [[region.rows, sheet.height], [region.columns, sheet.width]].map(([ends, count]) => {
    const [first, last] = ends ?? [0, count - 1];
    return [Math.max(0, first), Math.min(count - 1, last)];
  });
  return top > bottom || left > right ? null : { top, bottom, left, right };
}

function regionsOn({ content, sheet }, view) {
  return content.outlines.flatMap(({ kind, regions }) =>
    regions.filter((region) => isOn(region, view, sheet)).flatMap((region) => ({ kind, cells: cut(region, sheet) }))).filter(({ cells }) => cells);
}

function paintOutlines(context, scene, { plot, cell }, view) {
  for (const { kind, cells } of regionsOn(scene, view)) {
    const own = OUTLINES[kind];
    const ends = (start, size, first, last) => {
      const [length, middle] = [Math.max(SMALLEST, (last - first + 1) * size), start + ((first + last + 1) / 2) * size];
      return [middle - length / 2, length];
    };
    const [[x, width], [y, height]] = [ends(plot.x, cell.width, cells.left, cells.right), ends(plot.y, cell.height, cells.top, cells.bottom)];
    const inset = kind === "given" ? 2 : 0; // where both answers share a part, each is seen
    const box = [x + inset, y + inset, width - 2 * inset, height - 2 * inset];
    context.save();
    for (const [lineWidth, strokeStyle, dash] of [[6, "#ffffff", []], [4, "#000000", []], [3, own.colour, own.dash]]) {
      Object.assign(context, { lineWidth, strokeStyle: kind !== "right" && lineWidth === 4 ? "#ffffff" : strokeStyle });
      context.setLineDash(dash);
      context.strokeRect(...box);
    }
    context.restore();
    paintSign(context, own, { x, y, width, height }, plot, scene.ink, kind === "given");
  }
}

// Outside of what is outlined, above a right answer and below a learner's own; inside where there is no room.
function paintSign(context, { sign, dark }, box, plot, ink, isBelow) {
  const outside = isBelow ? box.y + box.height + 3 : box.y - SIGN - 3;
  const inside = isBelow ? box.y + box.height - SIGN - 4 : box.y + 4;
  const isIn = outside >= plot.y && outside + SIGN <= plot.y + plot.height;
  const y = isIn ? outside : inside;
  const x = Math.min(Math.max(plot.x, isIn ? box.x - 1 : box.x + 4), plot.x + plot.width - SIGN);
  context.fillStyle = dark;
  context.fillRect(x, y, SIGN, SIGN);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, y - 0.5, SIGN + 1, SIGN + 1);
  write(context, sign, x + SIGN / 2, y + SIGN / 2 + 1, { font: ink.strong, colour: "#ffffff", align: "center", baseline: "middle" });
}

// Returns what the cell under the cursor is, in words, "" where it is in no outline.
function outlineWords(scene, view, { row, column }) {
  const around = regionsOn(scene, view).filter(({ cells }) => row >= cells.top && row <= cells.bottom && column >= cells.left && column <= cells.right);
  return [...new Set(around.map(({ kind }) => `, ${OUTLINES[kind].words}`))].join("");
}

// Boxes and sheets in which something is outlined have its sign, and a legend names it and leads there.
function showOutlines(root, content, lead) {
  const kindsOf = (isIn) => content.outlines.filter(({ regions }) => regions.some(isIn)).map(({ kind }) => kind);
  const label = (button, name, kinds) => {
    button.dataset.answer = kinds.join(" ");
    button.setAttribute("aria-label", [name, ...kinds.map((kind) => OUTLINES[kind].words)].join(", "));
  };
  for (const button of root.querySelectorAll(".box")) label(button, button.title, kindsOf(({ box }) => box === Number(button.dataset.box)));
  for (const button of root.querySelectorAll(".sheets button")) {
    const number = Number(button.dataset.sheet);
    label(button, content.sheets[number].label, kindsOf(({ box, sheet }) => box === content.opened && sheet === number));
  }
  const legend = root.querySelector(".answers");
  legend.hidden = content.outlines.length === 0;
  legend.replaceChildren(...content.outlines.map((outline) => legendItem(content, outline, lead)));
}

function legendItem(content, { kind, words, regions }, lead) {
  const places = [...new Set(regions.map((region) => placeName(content, region)))].join("; ");
  const text = `${OUTLINES[kind].words}${words && `: ${words}`} (${places})`;
  const button = element("button", { type: "button", textContent: text });
  button.dataset.answer = kind;
  button.addEventListener("click", () => lead(regions[0]));
  const item = element("li");
  item.append(button);
  return item;
}

function placeName(content, { box, columns }) {
  const { title, across } = content.boxes[box];
  if (!columns || !["time", "key"].includes(across)) return title;
  const [first, last] = columns.map((column) => within(column, content.times.length));
  if (first !== last) return `${title}, ${say("steps {first} to {last}", { first, last })}`;
  return `${title}, ${across === "key" ? say("key step {step}", { step: first }) : say("step {step}", { step: first })}`;
}
