import { describe, expect, it } from 'vitest';

import { afterSilence, silencesOf } from './silence';

/** Speech where there is a number, in stretches of 100 ms. */
function level(left: number[], right = left) {
  return { stretchMs: 100, channels: [Float32Array.from(left), Float32Array.from(right)] };
}

const quiet = (stretches: number) => Array<number>(stretches).fill(0);

describe('silence', () => {
  it('is where both sides are quiet for long', () => {
    const silences = silencesOf(level([0.5, ...quiet(20), 0.5, ...quiet(5), 0.5, ...quiet(15)]));
    expect(silences).toEqual([
      { from: 400, to: 1800 },
      { from: 3100, to: 4000 },
    ]);
    const one = [0.5, ...quiet(20)];
    expect(silencesOf(level(one, Array<number>(21).fill(0.2)))).toEqual([]);
    expect(silencesOf(undefined)).toEqual([]);
  });

  it('is left at its end, and only from within', () => {
    const silences = [
      { from: 400, to: 1800 },
      { from: 3100, to: 4000 },
    ];
    expect(afterSilence(silences, 399)).toBeUndefined();
    expect(afterSilence(silences, 400)).toBe(1800);
    expect(afterSilence(silences, 1799)).toBe(1800);
    expect(afterSilence(silences, 1800)).toBeUndefined();
    expect(afterSilence(silences, 3999)).toBe(4000);
    expect(afterSilence(silences, 9000)).toBeUndefined();
    expect(afterSilence([], 5)).toBeUndefined();
  });
});
