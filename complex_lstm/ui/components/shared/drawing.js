// drawing.js: text, lines and ticks on any canvas context; `ink` holds the page's colours and fonts.

const LINE = 14;
const LONGEST_LABEL = 96;

function write(context, text, x, y, { font, colour, align = "left", baseline = "alphabetic", most = Infinity }) {
  Object.assign(context, { font, fillStyle: colour, textAlign: align, textBaseline: baseline });
  context.fillText(shortened(context, text, most), x, y);
}

function shortened(context, text, most) {
  if (context.measureText(text).width <= most) return text;
  let end = Math.min(text.length, 200); // a name from a file can be of any length, and every length is measured
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > most) end--;
  return `${text.slice(0, end)}…`;
}

function writeUpwards(context, text, x, y, style) {
  context.save();
  context.translate(x, y);
  context.rotate(-Math.PI / 2);
  write(context, text, 0, 0, style);
  context.restore();
}

function line(context, { from, to, colour, width, dash }) {
  context.save();
  Object.assign(context, { strokeStyle: colour, lineWidth: width });
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.restore();
}

function mark(context, ink, from, to) {
  line(context, { from, to, colour: ink.border, width: 1, dash: [] });
}

function frame(context, ink, { x, y, width, height }) {
  context.strokeStyle = ink.border;
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
}

// One cell of 1024 steps is half a pixel: the outline keeps a size that can be seen.
function outline(context, centre, width, height, colour) {
  const [across, down] = [Math.max(width, 5), Math.max(height, 5)];
  for (const [lineWidth, strokeStyle] of [[3.5, "#000000"], [1.5, colour]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.strokeRect(centre.x - across / 2, centre.y - down / 2, across, down);
  }
}

function labelSize(context, times, ink) {
  context.font = ink.small;
  const sample = times.filter((_, step) => step % Math.ceil(times.length / 40) === 0);
  const lines = sample.flatMap(labelLines);
  const widest = Math.max(...lines.map((line) => context.measureText(line).width));
  return { width: Math.ceil(Math.min(widest, LONGEST_LABEL)), height: LINE * Math.max(...sample.map((time) => labelLines(time).length)) };
}

// "2013-01-05 14:00" takes two short lines: one long line leaves the axes with two ticks.
function labelLines(time) {
  const blank = time.indexOf(" ");
  return time.length > 10 && blank > 0 ? [time.slice(0, blank), time.slice(blank + 1)] : [time];
}

// Three digits; large numbers that would be a row of zeros as a power of ten.
function shortNumber(value) {
  const short = Number(value.toPrecision(3));
  return written(Math.abs(short) >= 1e6 ? short.toExponential().replace("e+", "e") : short);
}

// Every 1st, 2nd, 5th, 10th, 20th ... step: the closest that leaves each label its room.
function tickSteps(steps, cell, apart) {
  let every = 1;
  for (let at = 0; every * cell < apart; at++) every = [2, 2.5, 2][at % 3] * every;
  return Array.from({ length: Math.ceil(steps / every) }, (_, at) => at * every);
}
