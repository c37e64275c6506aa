import { describe, expect, it } from 'vitest';

import { isShort, leftOf } from './left';

describe('the time after a call', () => {
  it('is over at 0:00, and not before', () => {
    expect([30_000, 29_999, 1_001, 1_000, 1, 0, -4_000].map(leftOf)).toEqual([
      '0:30',
      '0:30',
      '0:02',
      '0:01',
      '0:01',
      '0:00',
      '0:00',
    ]);
  });

  it('is short at its end', () => {
    expect([10_001, 10_000, -1].map(isShort)).toEqual([false, true, true]);
  });
});
