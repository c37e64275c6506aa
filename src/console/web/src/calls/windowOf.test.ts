import { describe, expect, it } from 'vitest';

import { windowOf } from './windowOf';

describe('windowOf', () => {
  it('draws what is seen and a little more, whatever the list’s length', () => {
    expect(windowOf(0, 400, 40, 100_000)).toEqual([0, 19]);
    expect(windowOf(2_000_000, 400, 40, 100_000)).toEqual([49_992, 50_019]);
    expect(windowOf(3_999_600, 400, 40, 100_000)).toEqual([99_982, 100_000]);
    expect(windowOf(0, 400, 40, 3)).toEqual([0, 3]);
    expect(windowOf(900, 400, 40, 0)).toEqual([0, 0]);
    expect(windowOf(-50, 400, 40, 3)).toEqual([0, 3]);
  });
});
