// player.js: the snapshot shown, moved by hand or played. It tells `show` of every move and `rest` of where it comes to rest.

const A_FILM = 8000; // milliseconds that a film takes, between the quickest and the slowest pace
const [QUICKEST, SLOWEST] = [60, 300];
const SETTLE = 500; // milliseconds without a move before the page hears of it

class Player {
  constructor(show, rest) {
    Object.assign(this, { show, rest, snapshot: 0, count: 1, timer: null, waiting: null });
  }

  get isPlaying() {
    return this.timer !== null;
  }

  load(count, snapshot) {
    this.count = count;
    this.snapshot = Math.min(snapshot, count - 1);
    if (this.isPlaying) this.play(); // at the pace of the new film
  }

  go(snapshot) {
    this.snapshot = within(snapshot, this.count);
    this.show();
    clearTimeout(this.waiting);
    if (!this.isPlaying) this.waiting = setTimeout(() => this.rest(), SETTLE);
  }

  step(by) {
    this.halt();
    this.go(this.snapshot + by);
  }

  play() {
    clearInterval(this.timer);
    const pace = Math.min(SLOWEST, Math.max(QUICKEST, A_FILM / this.count));
    this.timer = setInterval(() => this.tick(), pace);
    if (this.snapshot >= this.count - 1) this.snapshot = 0; // the end of a film: from the start again
    this.go(this.snapshot);
  }

  tick() {
    if (this.snapshot >= this.count - 1) return this.pause();
    this.go(this.snapshot + 1);
  }

  pause() {
    this.halt();
    this.go(this.snapshot);
  }

  halt() {
    clearInterval(this.timer);
    this.timer = null;
  }

  leave() {
    this.halt();
    clearTimeout(this.waiting);
  }
}
