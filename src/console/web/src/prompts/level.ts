/** What is softer than this is shown as silence, in dBFS. */
const FLOOR_DB = -60;
/** A recording whose loudest moment is softer than this is too soft on a telephone. */
const SOFT_DB = -24;
/** At full scale there is nothing left: the top of a louder sound is cut off. */
const CLIPPED = 0.99;

/** The loudest sample, from 0 to full scale, which is 1. */
export function peakOf(samples: Float32Array): number {
  return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

/** How far a meter is filled, 0 to 1: people hear in decibels. */
export function filledBy(peak: number): number {
  const db = 20 * Math.log10(peak);
  return Math.max(0, Math.min(1, 1 - db / FLOOR_DB));
}

/** Whether a recording can be used. */
export type Loudness = 'silent' | 'soft' | 'good' | 'clipped';

export function loudnessOf(peak: number): Loudness {
  if (filledBy(peak) === 0) return 'silent';
  if (peak >= CLIPPED) return 'clipped';
  return 20 * Math.log10(peak) < SOFT_DB ? 'soft' : 'good';
}
