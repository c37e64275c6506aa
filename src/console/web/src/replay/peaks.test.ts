import { describe, expect, it } from 'vitest';

import { levelFor, readPeaks, scaleOf } from './peaks';

/** A document of so many stretches, with the caller at `left` and the other side at `right`. */
function level(samples: number, left: number[], right: number[]): Uint8Array {
  const bytes = new Uint8Array(24 + left.length * 4);
  const view = new DataView(bytes.buffer);
  [2, 1, 8000, samples, left.length, 2].forEach((field, n) => view.setUint32(n * 4, field, true));
  left.forEach((value, n) => {
    view.setInt8(24 + n * 4, -value);
    view.setInt8(24 + n * 4 + 1, value - 1);
    view.setInt8(24 + n * 4 + 2, 0);
    view.setInt8(24 + n * 4 + 3, right[n] ?? 0);
  });
  return bytes;
}

function file(...parts: Uint8Array[]): ArrayBuffer {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.buffer;
}

describe('readPeaks', () => {
  it('reads every level of both channels', () => {
    const levels = readPeaks(file(level(80, [64, 32], [16, 0]), level(800, [64], [16])));
    expect(levels.map(({ stretchMs }) => stretchMs)).toEqual([10, 100]);
    expect(levels[0]?.channels.map((channel) => [...channel])).toEqual([
      [0.5, 0.25],
      [0.125, 0],
    ]);
  });

  it('stops where a file is cut off, or is none', () => {
    const whole = file(level(80, [64], [16]), level(800, [64], [16]));
    expect(readPeaks(whole.slice(0, -1))).toHaveLength(1);
    expect(readPeaks(new ArrayBuffer(0))).toEqual([]);
    expect(readPeaks(new TextEncoder().encode('no peaks at all, but text of some length').buffer)).toEqual([]);
  });

  it('draws the coarsest level that has a stretch for each pixel', () => {
    const levels = readPeaks(file(level(80, Array(1000).fill(1) as number[], []), level(800, Array(100).fill(1) as number[], [])));
    expect(levelFor(levels, 90)?.stretchMs).toBe(100);
    expect(levelFor(levels, 500)?.stretchMs).toBe(10);
    expect(levelFor(levels, 5000)?.stretchMs).toBe(10);
    expect(levelFor([], 500)).toBeUndefined();
  });

  it('draws quiet voices larger, both by the same measure and not without end', () => {
    const scale = (left: number, right: number) =>
      scaleOf({ stretchMs: 10, channels: [Float32Array.of(left), Float32Array.of(right)] });
    expect(scale(0.5, 0.25)).toBe(2);
    expect(scale(0.01, 0)).toBe(6);
    expect(scale(0, 0)).toBe(1);
  });
});
