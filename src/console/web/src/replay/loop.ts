import type { Stretch } from './silence';

/** A stretch that is heard over and over: not yet, from here on, or from here to there; in milliseconds. */
export type Loop = { from: number } | Stretch | undefined;

/** The shortest stretch that is worth hearing again. */
const SHORTEST = 300;

/** The next step: where it begins, where it ends, none. */
export function nextLoop(loop: Loop, at: number): Loop {
  if (!loop) return { from: at };
  if ('to' in loop) return undefined;
  const [from, to] = [Math.min(loop.from, at), Math.max(loop.from, at)];
  return to - from < SHORTEST ? undefined : { from, to };
}

/** Whether the stretch is over, so that it begins again. */
export function isOver(loop: Loop, at: number): loop is Stretch {
  return loop !== undefined && 'to' in loop && at >= loop.to;
}
