// taking_along.js: every canvas as PNG, as SVG and as the numbers that it shows, by the same three buttons.
//
// A canvas that offers this has `picture()`, which returns {size, ink, paint, suffix}, and `table()`, which returns {columns, rows}.
// Its `content.file` is the file's name without an ending; the suffix says what is chosen on the canvas. The same painters draw both
// pictures: SvgContext takes what they ask of a canvas and writes it down.

const PICTURE_SCALE = 2;
const PICTURE_MARGIN = 12;
const KINDS_OF_FILE = {
  PNG: say("This figure as a picture"),
  SVG: say("This figure as a drawing"),
  CSV: say("The numbers of this figure, a row a value"),
};

// Fills the page's place for the buttons, and makes what a button asks for when it is pressed.
function offerDownloads(canvas, place) {
  const buttons = Object.entries(KINDS_OF_FILE).map(([kind, title]) => {
    const button = element("button", { type: "button", className: "download", textContent: kind, title }, { "aria-label": say("Download {kind}", { kind }) });
    button.addEventListener("click", () => canvas.content && takeAlong(canvas, kind));
    return button;
  });
  place.replaceChildren(...buttons);
}

function takeAlong(canvas, kind) {
  const { size, ink, paint, suffix = "" } = canvas.picture();
  const name = `${canvas.content.file}${suffix}.${kind.toLowerCase()}`;
  if (kind === "CSV") return save(new Blob([csvText(canvas.table())], { type: "text/csv" }), name);
  if (kind === "SVG") return save(new Blob([svgText(size, ink, paint)], { type: "image/svg+xml" }), name);
  const drawn = document.createElement("canvas");
  paintPicture(sized(drawn, withMargins(size), PICTURE_SCALE), size, ink, paint);
  drawn.toBlob((blob) => save(blob, name), "image/png");
}

function withMargins({ width, height }) {
  return { width: width + 2 * PICTURE_MARGIN, height: height + 2 * PICTURE_MARGIN };
}

// What `paint` draws in the layout's size, on the page's own background.
function paintPicture(context, size, ink, paint) {
  const { width, height } = withMargins(size);
  context.fillStyle = ink.background;
  context.fillRect(0, 0, width, height);
  context.translate(PICTURE_MARGIN, PICTURE_MARGIN);
  paint(context);
}

function svgText(size, ink, paint) {
  const { width, height } = withMargins(size);
  const context = new SvgContext();
  paintPicture(context, size, ink, paint);
  const [wide, high] = [width, height].map(shortLength);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}">${context.parts.join("")}</svg>`;
}

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // some browsers read the address only after the click
}

// Numbers are written so that they are read back exactly; what is not known is empty.
function csvText({ columns, rows }) {
  const lines = [columns, ...rows].map((row) => row.map(csvCell).join(","));
  return `${lines.join("\n")}\n`;
}

function csvCell(value) {
  if (typeof value === "number") return Number.isFinite(value) ? String(exact(value)) : "";
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// The shortest number that is the same in single precision, in which all values travel: 0.1 instead of 0.10000000149011612.
function exact(value) {
  if (Math.fround(value) !== value) return value;
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}

const SVG_STATE = {
  font: "12px sans-serif", fillStyle: "#000000", strokeStyle: "#000000", lineWidth: 1, lineJoin: "miter", lineCap: "butt", globalAlpha: 1,
  textAlign: "start", textBaseline: "alphabetic", dash: [], matrix: [1, 0, 0, 1, 0, 0], clips: 0,
};

// Writes down as SVG what our painters ask of a canvas: rectangles, paths, full circles, text, images, clips and transforms.
class SvgContext {
  constructor() {
    Object.assign(this, SVG_STATE, { parts: [], stack: [], path: "", clipCount: 0 });
    this.probe = element("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    this.colours = new Map();
  }

  save() {
    this.stack.push(Object.fromEntries(Object.keys(SVG_STATE).map((name) => [name, this[name]])));
  }

  restore() {
    const before = this.stack.pop();
    if (!before) return;
    this.parts.push("</g>".repeat(this.clips - before.clips));
    Object.assign(this, before);
  }

  translate(x, y) {
    this.transform(1, 0, 0, 1, x, y);
  }

  rotate(angle) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.transform(cos, sin, -sin, cos, 0, 0);
  }

  transform(a, b, c, d, e, f) {
    const [A, B, C, D, E, F] = this.matrix;
    this.matrix = [A * a + C * b, B * a + D * b, A * c + C * d, B * c + D * d, A * e + C * f + E, B * e + D * f + F];
  }

  setLineDash(dash) {
    this.dash = dash;
  }

  beginPath() {
    this.path = "";
  }

  moveTo(x, y) {
    this.path += `M${shortLength(x)} ${shortLength(y)}`;
  }

  lineTo(x, y) {
    this.path += `${this.path ? "L" : "M"}${shortLength(x)} ${shortLength(y)}`;
  }

  rect(x, y, width, height) {
    this.path += `M${shortLength(x)} ${shortLength(y)}h${shortLength(width)}v${shortLength(height)}h${shortLength(-width)}z`;
  }

  arc(x, y, radius) {
    const [r, across] = [shortLength(radius), shortLength(2 * radius)];
    this.path += `M${shortLength(x - radius)} ${shortLength(y)}a${r} ${r} 0 1 0 ${across} 0a${r} ${r} 0 1 0 -${across} 0`;
  }

  clip() {
    const id = `clip${++this.clipCount}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path}"${this.placed()}/></clipPath><g clip-path="url(#${id})">`);
    this.clips += 1;
  }

  stroke() {
    if (this.path) this.parts.push(`<path d="${this.path}" fill="none"${this.stroked()}${this.placed()}/>`);
  }

  fill() {
    if (this.path) this.parts.push(`<path d="${this.path}"${this.filled()}${this.placed()}/>`);
  }

  fillRect(x, y, width, height) {
    this.parts.push(`<rect${this.boxed(x, y, width, height)}${this.filled()}${this.placed()}/>`);
  }

  strokeRect(x, y, width, height) {
    this.parts.push(`<rect${this.boxed(x, y, width, height)} fill="none"${this.stroked()}${this.placed()}/>`);
  }

  fillText(text, x, y) {
    if (!text) return;
    const size = Number.parseFloat(/([\d.]+)px/.exec(this.font)?.[1] ?? "12");
    const down = this.textBaseline === "middle" ? 0.35 * size : 0;
    const anchor = { center: "middle", right: "end", end: "end" }[this.textAlign] ?? "start";
    const width = shortLength(this.measureText(text).width); // of the page's font, which a reader of the file may lack
    const at = `x="${shortLength(x)}" y="${shortLength(y + down)}" text-anchor="${anchor}"`;
    const look = `textLength="${width}" lengthAdjust="spacingAndGlyphs" style="font:${inAttribute(this.font)}"`;
    this.parts.push(`<text ${at} ${look}${this.filled()}${this.placed()}>${inAttribute(text)}</text>`);
  }

  measureText(text) {
    this.probe.font = this.font;
    return this.probe.measureText(text);
  }

  drawImage(image, x, y, width, height) {
    const look = 'preserveAspectRatio="none" style="image-rendering:pixelated"';
    this.parts.push(`<image${this.boxed(x, y, width, height)} ${look} href="${image.toDataURL()}"${this.placed()}/>`);
  }

  boxed(x, y, width, height) {
    return ` x="${shortLength(x)}" y="${shortLength(y)}" width="${shortLength(width)}" height="${shortLength(height)}"`;
  }

  filled() {
    const [colour, opacity] = this.colour(this.fillStyle);
    return ` fill="${colour}"${opacity < 1 ? ` fill-opacity="${opacity}"` : ""}`;
  }

  stroked() {
    const [colour, opacity] = this.colour(this.strokeStyle);
    const dash = this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : "";
    const see = opacity < 1 ? ` stroke-opacity="${opacity}"` : "";
    return ` stroke="${colour}" stroke-width="${this.lineWidth}" stroke-linejoin="${this.lineJoin}" stroke-linecap="${this.lineCap}"${dash}${see}`;
  }

  // The page's colours can be mixtures that only a browser knows: a pixel says what they are.
  colour(style) {
    if (!this.colours.has(style)) {
      this.probe.clearRect(0, 0, 1, 1);
      this.probe.fillStyle = style;
      this.probe.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = this.probe.getImageData(0, 0, 1, 1).data;
      this.colours.set(style, [`rgb(${red},${green},${blue})`, alpha / 255]);
    }
    const [colour, opacity] = this.colours.get(style);
    return [colour, Number((opacity * this.globalAlpha).toPrecision(3))];
  }

  placed() {
    return this.matrix.join() === "1,0,0,1,0,0" ? "" : ` transform="matrix(${this.matrix.map(shortLength).join(" ")})"`;
  }
}

function shortLength(length) {
  return String(Math.round(length * 100) / 100 || 0);
}

function inAttribute(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(text).replace(/[&<>"]/g, (sign) => signs[sign]).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");
}
