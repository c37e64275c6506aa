import { describe, expect, it } from 'vitest';

import { filledBy, loudnessOf, peakOf } from './level';

describe('the level', () => {
  it('is that of the loudest sample, whichever way it points', () => {
    expect(peakOf(new Float32Array([0.25, -0.5, 0.125]))).toBe(0.5);
    expect(peakOf(new Float32Array())).toBe(0);
  });

  it('fills the meter by decibels', () => {
    expect([0, 0.001, 1, 2].map(filledBy)).toEqual([0, 0, 1, 1]);
    expect(filledBy(0.1)).toBeCloseTo(2 / 3);
  });

  it('says whether it can be used', () => {
    expect([0, 0.0005, 0.03, 0.3, 1].map(loudnessOf)).toEqual(['silent', 'silent', 'soft', 'good', 'clipped']);
  });
});
