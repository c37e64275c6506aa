import type { RingEvent } from '../events/kinds';
import type { Standing } from './standing';

/** Calls whose last ring is kept: more do not ring at one desk. */
const KEPT = 20;

/** The last ring of each call, as the service told it. */
export class Rings {
  private readonly last = new Map<string, RingEvent>();
  private readonly watchers = new Set<() => void>();

  take(ring: RingEvent): void {
    this.last.delete(ring.call);
    this.last.set(ring.call, ring);
    const [oldest] = this.last.keys();
    if (this.last.size > KEPT && oldest !== undefined) this.last.delete(oldest);
    this.watchers.forEach((watcher) => watcher());
  }

  of(call: string | undefined): RingEvent | undefined {
    return call === undefined ? undefined : this.last.get(call);
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };
}

/** This page's. */
export const rings = new Rings();

/** Which ring the caller hears, and whether an apology is owed. */
export interface RingNow {
  ring: number;
  apologise: boolean;
}

/**
 * The ring that the service told last. A page that was loaded in the middle of one has been told
 * none: it goes by the rhythm of the log's entry until it is told the next.
 */
export function ringNow(told: RingEvent | undefined, standing: Standing, nowMs: number): RingNow | undefined {
  if (told) return { ring: told.ring, apologise: told.apologise };
  const { ringingAt, ringMs, isLate } = standing;
  if (ringingAt === undefined || ringMs === 0) return undefined;
  const since = Math.max(0, nowMs - Date.parse(ringingAt));
  return { ring: Math.floor(since / ringMs) + 1, apologise: isLate };
}
