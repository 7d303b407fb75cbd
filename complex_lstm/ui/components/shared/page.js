// page.js: between a canvas and the page around it.

const UNSEEN = 600;
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }; // down, right

// Returns what Streamlit calls after every run with the same parent element; the function that it returns in turn is
// called once, when the component leaves the page.
function mountOf(Canvas, selector) {
  const canvases = new WeakMap();
  return ({ parentElement, data, setStateValue }) => {
    if (!canvases.has(parentElement)) {
      const root = parentElement.querySelector(selector);
      delete root.dataset.token; // of a canvas that was here before and has left: the new one has no content yet
      canvases.set(parentElement, new Canvas(root));
    }
    const canvas = canvases.get(parentElement);
    canvas.send = (view) => setStateValue("view", view);
    canvas.receive(data);
    return () => {
      canvases.delete(parentElement);
      canvas.leave();
    };
  };
}

// Paints a canvas that has content anew when its element gets another width, until what is returned is disconnected.
function repaintOf(canvas, element) {
  const watch = new ResizeObserver(() => canvas.content && widthOf(element) !== canvas.width && canvas.paint());
  watch.observe(element);
  document.fonts.ready.then(() => canvas.content && canvas.paint()); // measured text is only right in the page's font
  return watch;
}

// Returns the width to lay out for. An element that is hidden or about to leave has none: any will do that can be drawn.
function widthOf(element) {
  return element.clientWidth || UNSEEN;
}

// Keeps a key that a canvas has answered: the page would scroll by it, turn to another page, or leave what is shown large.
function take(event) {
  event.preventDefault();
  event.stopPropagation();
}

// Returns a number larger than the last stamp: two reports of the same choice must differ for Python.
function stampAfter(last) {
  return Math.max(last + 1, Date.now());
}

// Returns where an event is on a canvas, in the layout's units: a page narrower than the smallest figure shrinks it.
function pointUnder(event, canvas, layout) {
  const box = canvas.getBoundingClientRect();
  const scale = layout.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

// Writes a sentence into a live region, which speaks at every change.
function speak(place, sentence) {
  if (place.textContent !== sentence) place.textContent = sentence;
}

// Returns the nearest of so many places, from 0.
function within(at, count) {
  return Math.min(Math.max(at, 0), count - 1);
}

function inkOf(root) {
  const style = getComputedStyle(root);
  const colour = (name) => style.getPropertyValue(`--st-${name}-color`).trim();
  return {
    text: style.color,
    faint: style.getPropertyValue("--faint").trim() || style.color,
    background: colour("background"),
    border: colour("border"),
    small: `12px ${style.fontFamily}`,
    strong: `600 13px ${style.fontFamily}`,
    bold: `600 14px ${style.fontFamily}`,
  };
}

// The canvas has one pixel for each of the screen's, so that its text is as sharp as the page's.
function sized(canvas, { width, height }, scale) {
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  return context;
}

function element(name, properties = {}, attributes = {}) {
  const made = Object.assign(document.createElement(name), properties);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
