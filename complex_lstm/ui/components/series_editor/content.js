// content.js: from the bytes of Python to rows of a series, and from rows to sentences. Knows no page.
//
// Joined after the scripts of ../canvas/, in the order content.js, figure.js, canvas.js, hence no imports.
// A row is {name, unit, number, colour, before, after, low, high}: one feature, `number` its place among all of them. A
// segment is {first, last, features}, features by their numbers; a cell is {step, row}.

const HEADROOM = 0.2; // of the range, above and below: room to draw beyond what is there

function readContent(bytes, header) {
  const numbers = new Float32Array(bytes.slice(header.start).buffer); // a copy, because a message may start at an odd byte
  const [steps, count] = [header.times.length, header.features.length];
  const column = (array, row) => Float32Array.from({ length: steps }, (_, step) => numbers[(array * steps + step) * count + row]);
  const rows = header.features.map((name, row) => {
    const [before, after] = [column(0, row), column(1, row)];
    const shared = { name, unit: header.units[row], number: header.numbers[row], colour: header.colours[row] };
    return { ...shared, before, after, ...rangeOf([...before, ...after]) };
  });
  return { ...header, rows, steps };
}

// The series as it was where it was changed, up to the cells beside, and NaN elsewhere: two lines upon each other blur.
function changedPart({ before, after }) {
  const isChanged = (step) => before[step] !== after[step] && step >= 0 && step < before.length;
  return before.map((value, step) => ([step - 1, step, step + 1].some(isChanged) ? value : NaN));
}

function rangeOf(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = HEADROOM * (high - low) || Math.abs(high) / 10 || 1;
  return { low: low - room, high: high + room };
}

function cellSentence({ rows, times }, { step, row }) {
  const { name, unit, before, after } = rows[row];
  const was = before[step] === after[step] ? "" : `, was ${valueText(before[step], unit)}`;
  return `${times[step]} (step ${step}), ${name} ${valueText(after[step], unit)}${was}`;
}

function pathSentence({ rows, times }, path) {
  const { name, unit } = rows[path.row];
  const last = path.points.at(-1);
  return `Drawing ${name}: ${times[last.step]} (step ${last.step}) ${valueText(last.value, unit)}`;
}

function liftSentence({ rows }, { first, last, features }, { row, amount }) {
  const moved = rows.filter(({ number }) => features.includes(number));
  const unit = new Set(moved.map((one) => one.unit)).size === 1 ? rows[row].unit : "in each one's unit";
  const names = moved.map(({ name }) => name).join(", ");
  return `Shifting ${names} by ${valueText(amount, unit)}, steps ${first} to ${last}. Let go or press Enter to make it an edit, Escape gives it up.`;
}

function segmentSentence({ rows, times }, segment) {
  const names = rows.filter(({ number }) => segment.features.includes(number)).map(({ name }) => name);
  const span = `${times[segment.first]} to ${times[segment.last]} (steps ${segment.first} to ${segment.last})`;
  return `Brushed: ${span}${names.length ? ` of ${names.join(", ")}` : ""}.`;
}

function valueText(value, unit) {
  return `${Number(value.toPrecision(5))}${unit && ` ${unit}`}`;
}

// From one cell to another, whichever comes first.
function segmentBetween({ rows }, one, other) {
  const [top, bottom] = [Math.min(one.row, other.row), Math.max(one.row, other.row)];
  return {
    first: Math.min(one.step, other.step),
    last: Math.max(one.step, other.step),
    features: rows.slice(top, bottom + 1).map(({ number }) => number),
  };
}

function isIn({ rows }, { first, last, features }, { step, row, isInside }) {
  return isInside && step >= first && step <= last && features.includes(rows[row].number);
}

// A path holds one value a step; where the mouse jumped over steps, Python joins the points by straight lines.
function withPoint(points, point) {
  return [...points.filter(({ step }) => step !== point.step), point];
}

function inOrder(points) {
  return [...points].sort((one, other) => one.step - other.step);
}

// A row a feature and step, in the file's units; steps count from 0.
function tableOf({ rows, times }) {
  const columns = ["feature", "unit", "step", "time", "before", "after"];
  return { columns, rows: rows.flatMap(({ name, unit, before, after }) => times.map((time, step) => [name, unit, step, time, before[step], after[step]])) };
}
