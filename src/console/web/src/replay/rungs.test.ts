import { describe, expect, it } from 'vitest';

import { GAP, OURS, arrowOf, columnAt } from './rungs';

describe('a ladder', () => {
  it('has us between the first peer and the others', () => {
    expect(columnAt(0)).toBe(OURS - GAP);
    expect(columnAt(1)).toBe(OURS + GAP);
    expect(columnAt(2)).toBe(OURS + 2 * GAP);
  });

  it('points to who is told', () => {
    expect(arrowOf('in', 0)).toEqual({ from: OURS - GAP, to: OURS, middle: OURS - GAP / 2 });
    expect(arrowOf('out', 2)).toEqual({ from: OURS, to: OURS + 2 * GAP, middle: OURS + GAP / 2 });
  });
});
