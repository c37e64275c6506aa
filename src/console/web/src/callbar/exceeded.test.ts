import { describe, expect, it } from 'vitest';

import { exceeded } from './exceeded';

describe('a stage of a call', () => {
  const at = '2026-11-22T01:00:00Z';

  it('is too long while it goes on, and only where the service says so', () => {
    const talk = { stage: 'talk', at, ms: null, limit_ms: 300_000 };
    expect(exceeded([{ stage: 'ring', at, ms: 4_000, limit_ms: null }, talk], 'talk')).toBe(300_000);
    expect(exceeded([{ ...talk, limit_ms: null }], 'talk')).toBeUndefined();
    expect(exceeded([{ ...talk, ms: 400_000 }], 'talk')).toBeUndefined();
    expect(exceeded([talk], 'hold')).toBeUndefined();
  });
});
