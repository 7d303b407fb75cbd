// pulse.js: asks whether there is news for the class, and tells Python of it once.

const EVERY = 2000; // milliseconds between two questions
const AGAIN = 10000; // milliseconds after which Python is told once more, where a run that was ended has not taken it up

const pulses = new WeakMap();

class Pulse {
  constructor() {
    this.told = 0;
    this.timer = setInterval(() => this.ask(), EVERY);
  }

  async ask() {
    const root = window.__streamlit.BACKEND_BASE_URL.replace(/[/]$/, "");
    const news = await fetch(`${root}/class/now`, { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.text() : this.known))
      .catch(() => this.known); // the server is away: the page connects again by itself
    if (news === this.known || Date.now() - this.told < AGAIN) return;
    this.told = Date.now();
    this.tell(`${news} ${this.told}`);
  }

  receive(known) {
    if (known !== this.known) this.told = 0;
    this.known = known;
  }
}

export default ({ parentElement, data, setStateValue }) => {
  if (!pulses.has(parentElement)) pulses.set(parentElement, new Pulse());
  const pulse = pulses.get(parentElement);
  pulse.tell = (news) => setStateValue("news", news);
  pulse.receive(data.news);
  return () => {
    clearInterval(pulse.timer);
    pulses.delete(parentElement);
  };
};
