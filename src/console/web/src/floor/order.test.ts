import { describe, expect, it } from 'vitest';

import { moved, placeAt } from './order';

describe('the hunting order', () => {
  it('has one entry put somewhere else, and no further than its ends', () => {
    const order = ['a', 'b', 'c', 'd'];
    expect(moved(order, 0, 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(order, 3, 0)).toEqual(['d', 'a', 'b', 'c']);
    expect(moved(order, 1, 9)).toEqual(['a', 'c', 'd', 'b']);
    expect(moved(order, 1, -1)).toEqual(['b', 'a', 'c', 'd']);
    expect(moved(order, 7, 0)).toEqual(order);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is aimed at by the row under the pointer', () => {
    const rows = [0, 30, 60].map((top) => ({ top, bottom: top + 30 }));
    expect([-20, 0, 29, 30, 75, 400].map((y) => placeAt(rows, y))).toEqual([0, 0, 0, 1, 2, 2]);
    expect(placeAt([], 10)).toBe(0);
  });
});
