import { describe, expect, it } from 'vitest';

import { dateTime, lengthOf, timeOfDay, setSiteZone } from './format';

describe('times', () => {
  it('are those of the site, with seconds, alike in both languages', () => {
    setSiteZone('Asia/Shanghai');
    expect(dateTime('2026-11-22T16:00:05Z', 'zh-CN')).toBe('2026-11-23 00:00:05');
    expect(dateTime('2026-11-22T16:00:05Z', 'en')).toBe('2026-11-23 00:00:05');
    expect(timeOfDay('2026-11-22T16:00:05Z', 'zh-CN')).toBe('00:00:05');
    setSiteZone('UTC');
    expect(timeOfDay('2026-11-22T16:00:05Z', 'en')).toBe('16:00:05');
  });

  it('that last are told by minutes, and hours where there are any', () => {
    expect([0, 999, 61_000, 3_599_999, 3_600_000, -5].map(lengthOf)).toEqual([
      '0:00',
      '0:00',
      '1:01',
      '59:59',
      '1:00:00',
      '0:00',
    ]);
  });
});
