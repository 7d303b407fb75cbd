
// page.js: the pages around the picture in the file that is taken along. It does what the server does for the page: it hands the picture
// the values of the box that is opened, and judges answers.

const find = (id) => document.getElementById(id);
const PAGES = JSON.parse(find("pages").textContent);
const answered = new Map(); // what was last answered, by the page's place
const shadow = find("picture").attachShadow({ mode: "open" });
shadow.append(find("parts").content);
let [at, orders, opened] = [0, 0, -1];

const stored = (box) => Uint8Array.from(atob(find(`box-${box}`).textContent), (letter) => letter.charCodeAt(0));

// A stored message with another view to show, and with its numbers veiled or not.
function withView(bytes, view, veiled) {
  const { start, ...header } = readHeader(bytes);
  const text = new TextEncoder().encode(JSON.stringify({ ...header, veiled, isFile: true, outlines: outlinesNow(), order: { number: ++orders, view } }));
  const size = Math.ceil(text.length / 4) * 4; // the values can only start at a multiple of 4
  const made = new Uint8Array(4 + size + bytes.length - start).fill(32);
  new DataView(made.buffer).setUint32(0, size, true);
  made.set(text, 4);
  made.set(bytes.subarray(start), 4 + size);
  return made;
}

// Of a number that no step or count can be, only the right answer is outlined.
function outlinesNow() {
  if (!answered.has(at)) return [];
  const { outlines } = PAGES[at].question;
  return outlines[Math.round(answered.get(at))] ?? outlines[0].filter(({ kind }) => kind !== "given");
}

// The page's own parts, in its language.
function name() {
  for (const [id, text] of [["back", say("Back")], ["next", say("Next")]]) find(id).textContent = text;
  for (const [id, label] of [["pages-of-tour", say("Pages")], ["go", say("Page")], ["picture", say("Picture")]]) find(id).setAttribute("aria-label", label);
}

function showView({ box, sheet, row, column }) {
  opened = box;
  const data = withView(stored(box), { box, sheet, row, column }, isVeiled());
  mountTour({ parentElement: shadow, data, setStateValue: (_, view) => view.box !== opened && showView(view) });
}

function isVeiled() {
  return PAGES[at].question !== null && !answered.has(at);
}

function turnTo(number) {
  at = within(number, PAGES.length);
  const page = PAGES[at];
  find("heading").textContent = `${page.number}. ${page.title}`;
  find("claim").textContent = page.claim;
  [find("back").disabled, find("next").disabled] = [at === 0, at === PAGES.length - 1];
  find("go").value = at;
  find("verdict").textContent = find("verdict").className = "";
  ask(page.question);
  showRest();
  showView(page.view);
}

function ask(question) {
  const form = find("question");
  form.replaceChildren();
  if (!question) return;
  form.append(element("p", { textContent: `${say("Predict.")} ${question.words}` }));
  const field = (type, words, value) => {
    const label = element("label");
    label.append(element("input", { type, name: "answer", required: true, step: "any", value }), ` ${words}`);
    form.append(label);
  };
  if (question.options) question.options.forEach((words, number) => field("radio", words, number));
  else field("number", "", "");
  form.append(element("button", { type: "submit", textContent: say("Answer") }));
}

function judge(event) {
  event.preventDefault();
  const { question, view } = PAGES[at];
  const given = Number(new FormData(find("question")).get("answer"));
  const isRight = question.options ? question.right.includes(given) : Math.abs(given - question.right) <= question.tolerance;
  const { hint, because, answer } = question;
  const words = isRight ? `${say("Yes.")} ${because}` : `${say("Not quite.")} ${hint} ${say("The answer: {answer}.", { answer })} ${because}`;
  Object.assign(find("verdict"), { textContent: words, className: isRight ? "right" : "wrong" });
  if (!isRight) find("verdict").append(comparedFigure(question.compared, given, [question.right].flat()));
  answered.set(at, given);
  showRest();
  showView(view);
}

// The values that decide the question as bars, or lines across them where an answer is a value itself, in the colours of the answers.
function comparedFigure({ title, names, values, answer }, given, right) {
  const kinds = answer === "beside" ? [] : [[say("right answer"), "#009e73", right], [say("your answer"), "#d55e00", [given]]];
  const isLevel = answer === "level";
  const all = [0, ...values, ...(isLevel ? kinds.flatMap(([, , answers]) => answers) : [])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const up = (value) => (100 * (high - value)) / (high - low || 1);
  const colour = (at) => kinds.find(([, , answers]) => !isLevel && answers.some((one) => Math.round(one) === at))?.[1] ?? "#8a8f98";
  const bars = values.map((value, at) => `<rect x="${at + 0.1}" y="${up(Math.max(value, 0))}" width="0.8" height="${Math.abs(up(value) - up(0))}" fill="${colour(at)}"/>`);
  const lines = kinds.flatMap(([, stroke, answers]) => (isLevel ? answers : []).map((one) => `<path d="M0 ${up(one)}H${values.length}" stroke="${stroke}" stroke-width="3" vector-effect="non-scaling-stroke"/>`));
  const figure = element("figure");
  figure.innerHTML = `<svg viewBox="0 0 ${values.length} 100" preserveAspectRatio="none" aria-hidden="true">${[...bars, ...lines].join("")}</svg>`; // numbers alone
  const legend = element("figcaption", { textContent: `${title}. ${names.map((name, at) => `${name}: ${sixDigits(values[at])}`).join("; ")}` });
  legend.append(...kinds.map(([words, background]) => element("span", { textContent: ` ■ ${words}`, style: `color: ${background}` })));
  figure.append(legend);
  return figure;
}

// What is shown once the question is answered. The HTML was made and escaped where the file was.
function showRest() {
  const page = PAGES[at];
  find("shown").replaceChildren();
  if (isVeiled()) return;
  const texts = [page.finding && `${say("In this window.")} ${page.finding}`, `${say("Do this.")} ${page.task}`].filter(Boolean);
  const rest = element("div");
  rest.innerHTML = page.html;
  find("shown").append(...texts.map((textContent) => element("p", { textContent })), rest);
}

name();
find("go").replaceChildren(...PAGES.map((page, number) => element("option", { value: number, textContent: `${page.number}. ${page.title}` })));
find("back").addEventListener("click", () => turnTo(at - 1));
find("next").addEventListener("click", () => turnTo(at + 1));
find("go").addEventListener("change", (event) => turnTo(Number(event.target.value)));
find("question").addEventListener("submit", judge);
turnTo(0);
