// boxes.js: the boxes of the whole model, each a button with its thumbnail, and the time cursor through all of them.

const THUMBNAIL = { width: 128, height: 44 };

function boxItem(content, number, open) {
  const box = content.boxes[number];
  const item = element("li");
  const size = { box: box.title, shape: box.shape, count: box.parameters.toLocaleString(SPOKEN.language) };
  const words = say("{box}, shape {shape}, {count} parameters", size);
  const button = element("button", { type: "button", className: "box", title: words }, { "aria-label": words });
  button.dataset.box = number;
  const frame = element("span", { className: "frame" });
  frame.append(paintThumbnail(content, box), ...cursorsOf(box));
  button.append(frame, element("span", { className: "name", textContent: box.title }), sizeOf(box));
  button.addEventListener("click", () => open(number));
  item.append(button);
  return item;
}

// Of several buttons one is pressed, and is where the Tab key stops: the arrow keys lead to the others.
function showPressed(buttons, isChosen) {
  const chosen = [...buttons].find(isChosen) ?? buttons[0];
  for (const button of buttons) {
    button.setAttribute("aria-pressed", isChosen(button));
    button.tabIndex = button === chosen ? 0 : -1;
  }
}

function leadByArrows(list) {
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    const [down, right] = MOVES[event.key] ?? [0, 0];
    const to = { Home: 0, End: buttons.length - 1 }[event.key] ?? at + down + right;
    if (to === at) return;
    const next = buttons[within(to, buttons.length)];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
    take(event);
  });
}

// The shape, and where there is room the number of parameters.
function sizeOf(box) {
  const size = element("span", { className: "size", textContent: box.shape });
  if (box.parameters) size.append(element("span", { className: "count", textContent: ` · ${counted(box.parameters)}` }));
  return size;
}

function counted(parameters) {
  if (parameters < 1000) return String(parameters);
  return written(parameters < 1e6 ? `${(parameters / 1000).toPrecision(3)}k` : `${(parameters / 1e6).toPrecision(3)}M`);
}

function paintThumbnail(content, box) {
  const canvas = element("canvas", {}, { "aria-hidden": "true" });
  if (box.rows !== "feature") return paintCells(canvas, box, content.palettes);
  const context = sized(canvas, THUMBNAIL, devicePixelRatio);
  canvas.style.width = ""; // the button's width decides
  for (let row = 0; row < box.height; row++) {
    paintLine(context, box, row, { x: 0, y: 0, ...THUMBNAIL }, content.lines[row % content.lines.length], 1);
  }
  return canvas;
}

// In a BiLSTM box two lines show what each direction has read when both are joined at the cursor's step; in attention the cursors mark a
// query and a key step.
function cursorsOf(box) {
  if (!hasTime(box)) return [];
  const kinds = box.across === "key" ? ["cursor forward", "cursor query"] : ["cursor forward"];
  if (isReader(box.name)) kinds.push("read forward", "read backward");
  return kinds.map((kind) => element("span", { className: kind }));
}

function placeCursors(root, step, steps) {
  const place = (share) => `${(100 * share) / steps}%`;
  for (const cursor of root.querySelectorAll(".cursor.forward")) cursor.style.left = place(step + 0.5);
  for (const cursor of root.querySelectorAll(".cursor.query")) cursor.style.top = place(step + 0.5);
  for (const line of root.querySelectorAll(".read.forward")) line.style.right = place(steps - step - 1);
  for (const line of root.querySelectorAll(".read.backward")) line.style.left = place(step);
}
