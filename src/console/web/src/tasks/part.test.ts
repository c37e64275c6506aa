import { describe, expect, it } from 'vitest';

import { partOf } from './part';

describe('the part of a recording', () => {
  it('is from where the message begins to where it ends, as far as that is known', () => {
    expect(partOf(4_250, 10_000)).toBe('#t=4.3,14.3');
    expect(partOf(0, null)).toBe('#t=0.0');
    expect(partOf(null, 10_000)).toBe('');
    expect(partOf(undefined, undefined)).toBe('');
  });
});
