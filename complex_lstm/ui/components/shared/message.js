// message.js: from the bytes of Python to a header and colours.
//
// message.js, drawing.js and page.js are joined before the scripts of each canvas, hence no imports.

function readHeader(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { ...header, start: 4 + length };
}

function packedPalette(palette) {
  const packed = new Uint32Array(256);
  for (let at = 0; at < 256; at++) packed[at] = (255 << 24) | (palette[3 * at + 2] << 16) | (palette[3 * at + 1] << 8) | palette[3 * at];
  return packed;
}
