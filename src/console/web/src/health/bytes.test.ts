import { describe, expect, it } from 'vitest';

import { bytes } from './bytes';

describe('a size', () => {
  it('is told in the unit that fits', () => {
    expect([0, 1023, 1024, 150 * 1024, 3.25 * 1024 ** 3, 5000 * 1024 ** 4].map(bytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '150 KiB',
      '3.3 GiB',
      '5000 TiB',
    ]);
  });
});
