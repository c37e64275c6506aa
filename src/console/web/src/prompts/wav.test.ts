import { describe, expect, it } from 'vitest';

import { wavOf } from './wav';

describe('a WAV file', () => {
  const bytes = wavOf(new Float32Array([0, 0.5, -1, 1.5]), 16_000);
  const view = new DataView(bytes.buffer);
  const text = (at: number, length: number) => new TextDecoder().decode(bytes.subarray(at, at + length));

  it('says what it is: one channel of 16 bits at its rate', () => {
    expect([text(0, 4), text(8, 8), text(36, 4)]).toEqual(['RIFF', 'WAVEfmt ', 'data']);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
    expect([20, 22, 32, 34].map((at) => view.getUint16(at, true))).toEqual([1, 1, 2, 16]);
    expect([24, 28, 40].map((at) => view.getUint32(at, true))).toEqual([16_000, 32_000, 8]);
    expect(bytes).toHaveLength(44 + 8);
  });

  it('has the samples, and none beyond full scale', () => {
    expect([44, 46, 48, 50].map((at) => view.getInt16(at, true))).toEqual([0, 16_384, -32_767, 32_767]);
  });
});
