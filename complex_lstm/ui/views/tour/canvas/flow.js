// flow.js: the forward pass as it is played: each box in turn gets what the one before it hands on, and is filled as it computes.

const FLIGHT = 420; // milliseconds from box to box
const FILLING = 620; // and for a box to be filled
const PAUSE = 160;

class FlowView {
  constructor(canvas) {
    Object.assign(this, { canvas, at: null, moves: [] });
  }

  get boxes() {
    return [...this.canvas.root.querySelectorAll(".box")];
  }

  // From the first box on, or from where it was paused. Who wants no motion goes from box to box by hand.
  async play() {
    const last = this.boxes.length - 1;
    if (STILL.matches) return this.show(this.at === null || this.at === last ? 0 : this.at + 1);
    const begin = this.at === null || this.at === last ? 0 : this.at + 1;
    this.canvas.isPlaying = true;
    const run = (this.run = {});
    for (let at = begin; at <= last; at++) {
      if (at) await this.fly(at - 1, at);
      if (this.run !== run) return;
      this.show(at);
      await this.move(this.frameOf(at).firstChild, fillingOf(this.canvas.content.boxes[at]), FILLING);
      if (this.run !== run) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (this.run !== run) return;
    }
    this.canvas.halt();
  }

  halt() {
    this.run = null;
    for (const one of this.moves.splice(0)) one.cancel();
    for (const one of this.canvas.root.querySelectorAll(".flying")) one.remove();
  }

  // Away from the model all boxes are computed.
  leave() {
    this.halt();
    this.at = null;
    delete this.canvas.root.dataset.flow;
    for (const box of this.boxes) box.classList.remove("waiting", "current");
  }

  show(at) {
    this.at = at;
    this.canvas.root.dataset.flow = at;
    this.boxes.forEach((box, number) => {
      box.classList.toggle("waiting", number > at);
      box.classList.toggle("current", number === at);
    });
    const box = this.canvas.content.boxes[at];
    const place = { at: at + 1, count: this.boxes.length, box: box.title, does: box.does };
    speak(this.canvas.find(".status"), say("{at} of {count}, {box}: {does}", place));
  }

  frameOf(at) {
    return this.boxes[at].querySelector(".frame");
  }

  async fly(from, to) {
    const list = this.canvas.find(".boxes");
    const [own, start, end] = [list, this.frameOf(from), this.frameOf(to)].map((one) => one.getBoundingClientRect());
    const scale = this.canvas.root.currentCSSZoom ?? 1;
    const source = this.frameOf(from).firstChild;
    const copy = element("canvas", { className: "flying", width: source.width, height: source.height }, { "aria-hidden": "true" });
    copy.getContext("2d").drawImage(source, 0, 0);
    const place = (box) => ({ left: `${(box.left - own.left) / scale}px`, top: `${(box.top - own.top) / scale}px`, width: `${box.width / scale}px`, height: `${box.height / scale}px` });
    Object.assign(copy.style, place(start));
    list.append(copy);
    await this.move(copy, [{ ...place(start), opacity: 1 }, { ...place(end), opacity: 0.55 }], FLIGHT);
    copy.remove();
  }

  move(target, frames, duration) {
    const move = target.animate(frames, { duration, easing: "ease-in-out" });
    this.moves = [move];
    return move.finished.catch(() => {}); // it was paused
  }
}

// Over time a box is filled step by step, a BiLSTM from both ends; attention and what has no time at once.
function fillingOf(box) {
  if (isReader(box.name)) return [0, 100].map((read) => ({ clipPath: bothEnds(read) }));
  if (box.across === "time") return [{ clipPath: "inset(0 100% 0 0)" }, { clipPath: "inset(0)" }];
  return [{ opacity: 0 }, { opacity: 1 }];
}

// The upper half up to a share from the left, the lower half from the right.
function bothEnds(read) {
  const left = `${100 - read}%`;
  return `polygon(0 0, ${read}% 0, ${read}% 50%, 100% 50%, 100% 100%, ${left} 100%, ${left} 50%, 0 50%)`;
}

// Lets an element grow to its place from where it was chosen, a rectangle on the screen.
function growFrom(target, from) {
  if (STILL.matches || !from) return;
  const to = target.getBoundingClientRect();
  if (!to.width || !to.height) return;
  const start = `translate(${from.left - to.left}px, ${from.top - to.top}px) scale(${from.width / to.width}, ${from.height / to.height})`;
  const frames = [{ transform: start, opacity: 0.3 }, { transform: "none", opacity: 1 }];
  target.animate(frames.map((one) => ({ ...one, transformOrigin: "0 0" })), { duration: 380, easing: "ease-out" });
}
