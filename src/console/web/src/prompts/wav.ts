/** Length of the head of a WAV file whose only parts are format and sound. */
const HEAD = 44;

/** A WAV file (RIFF, PCM) of one channel, 16 bits a sample; what is beyond full scale is cut off. */
export function wavOf(samples: Float32Array, rate: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  word(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, n) => {
    const cut = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEAD + 2 * n, Math.round(cut * 0x7fff), true);
  });
  return bytes;
}
