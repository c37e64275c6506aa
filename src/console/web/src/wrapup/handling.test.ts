import { describe, expect, it } from 'vitest';

import { setSiteZone } from '../time/format';
import { isIncomplete, wishOf } from './handling';

// R117: answered on the spot, accepted with a due date, not ours with the unit named, no longer with the reason.
describe('how a matter is dealt with', () => {
  it('is said with what belongs to it, and with nothing else', () => {
    const filled = { due_at: '2026-11-23T09:00', unit: ' 供电局 ', reason: ' 已答复三次 ' };
    expect(wishOf({ ...filled, as: 'answered' })).toEqual({ as: 'answered' });
    expect(wishOf({ ...filled, as: 'accepted' })).toEqual({ as: 'accepted', due_at: new Date('2026-11-23T09:00').toISOString() });
    expect(wishOf({ ...filled, as: 'not_accepted' })).toEqual({ as: 'not_accepted', unit: '供电局' });
    expect(wishOf({ ...filled, as: 'no_longer_accepted' })).toEqual({ as: 'no_longer_accepted', reason: '已答复三次' });
    const written = wishOf({ ...filled, as: 'not_accepted', written_by: '2026-11-30T17:00' });
    expect(written).toMatchObject({ written_by: new Date('2026-11-30T17:00').toISOString() });
  });

  it('means moments as the clocks at the site show them, wherever the browser is', () => {
    for (const [zone, due_at] of [
      ['Asia/Shanghai', '2026-11-23T01:00:00.000Z'],
      ['America/New_York', '2026-11-23T14:00:00.000Z'],
    ] as const) {
      setSiteZone(zone);
      expect(wishOf({ as: 'accepted', due_at: '2026-11-23T09:00' })).toEqual({ as: 'accepted', due_at });
    }
    setSiteZone(undefined);
  });

  it('is incomplete without it', () => {
    for (const as of ['accepted', 'not_accepted', 'no_longer_accepted'] as const) {
      expect(isIncomplete({ as, unit: ' ', reason: '' })).toBe(true);
    }
    expect(isIncomplete({ as: 'answered' })).toBe(false);
    expect(isIncomplete({})).toBe(false);
  });
});
