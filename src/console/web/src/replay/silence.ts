import type { Level } from './peaks';

/** A stretch of a recording, in milliseconds. */
export interface Stretch {
  from: number;
  to: number;
}

/** What is quieter than this is silence: about −42 dB. */
const QUIET = 1 / 128;
/** A shorter pause belongs to speech, in milliseconds. */
const SHORTEST = 1200;
/** So much of a silence is heard before it is skipped, and after, in milliseconds. */
const MARGIN = 300;

/** The silences of a recording that are worth skipping: both sides quiet, for long. */
export function silencesOf(level: Level | undefined): Stretch[] {
  const [left, right] = level?.channels ?? [];
  if (!level || !left || !right) return [];
  const silences: Stretch[] = [];
  let since = -1;
  for (let n = 0; n <= left.length; n++) {
    const isQuiet = n < left.length && Math.max(left[n] ?? 0, right[n] ?? 0) <= QUIET;
    if (isQuiet && since < 0) since = n;
    if (isQuiet || since < 0) continue;
    const [from, to] = [since * level.stretchMs, n * level.stretchMs];
    if (to - from >= SHORTEST) silences.push({ from: from + MARGIN, to: to - MARGIN });
    since = -1;
  }
  return silences;
}

/** Where the player goes on that is at this moment in a silence; `undefined` if it is in none. */
export function afterSilence(silences: readonly Stretch[], at: number): number | undefined {
  let [low, high] = [0, silences.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((silences[middle]?.to ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const next = silences[low];
  return next && next.from <= at ? next.to : undefined;
}
