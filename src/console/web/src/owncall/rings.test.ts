import { describe, expect, it, vi } from 'vitest';

import { Rings, ringNow } from './rings';
import { standingOf } from './standing';

const ring = (call: string, n: number, apologise = false) => ({ call, line: 'hotline', ring: n, apologise });

describe('rings', () => {
  it('are those that the service told last', () => {
    const rings = new Rings();
    const seen = vi.fn();
    const stop = rings.watch(seen);
    rings.take(ring('a', 1));
    rings.take(ring('a', 2));
    stop();
    rings.take(ring('b', 1));
    expect(rings.of('a')?.ring).toBe(2);
    expect(rings.of('b')?.ring).toBe(1);
    expect(rings.of(undefined)).toBeUndefined();
    expect(seen).toHaveBeenCalledTimes(2);
  });

  it('of calls long past are forgotten', () => {
    const rings = new Rings();
    for (let n = 0; n < 100; n += 1) rings.take(ring(`call ${n}`, 1));
    expect(rings.of('call 0')).toBeUndefined();
    expect(rings.of('call 99')?.ring).toBe(1);
  });

  it('are counted by the log’s rhythm only until one is told', () => {
    const at = '2026-11-22T06:00:00Z';
    const data = { cadence: { on_ms: 1000, off_ms: 4000 }, profile: { late_from_ms: 15_000 } };
    const standing = standingOf([{ at, kind: 'ringing', data }]);
    const after = (ms: number) => ringNow(undefined, standing, Date.parse(at) + ms)?.ring;
    expect([0, 4_999, 5_000, 14_999, 15_000].map(after)).toEqual([1, 1, 2, 3, 4]);
    // A clock that is slow shows no ring before the first.
    expect(after(-3_000)).toBe(1);
    expect(standing.lateRing).toBe(4);
    expect(ringNow(ring('a', 4, true), standing, Date.parse(at))).toEqual({ ring: 4, apologise: true });
    expect(ringNow(undefined, standingOf([]), 0)).toBeUndefined();
  });
});
