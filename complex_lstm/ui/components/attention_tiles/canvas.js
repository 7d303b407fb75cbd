// canvas.js: carries questions of the attention canvas to Python, and tiles of exact weights back. Shows nothing.

const [WANTED, CAME] = ["complex-lstm:tile-wanted", "complex-lstm:tile-came"];

class AttentionTiles {
  constructor() {
    this.stamp = 0;
    this.ask = (event) => {
      this.stamp = stampAfter(this.stamp);
      this.send({ ...event.detail, stamp: this.stamp });
    };
    document.addEventListener(WANTED, this.ask);
  }

  leave() {
    document.removeEventListener(WANTED, this.ask);
  }

  receive(bytes) {
    const header = readHeader(bytes);
    const values = new Float32Array(bytes.slice(header.start).buffer);
    document.dispatchEvent(new CustomEvent(CAME, { detail: header.asked && { ...header, values } }));
  }
}

export default mountOf(AttentionTiles, ".attention-tiles");
