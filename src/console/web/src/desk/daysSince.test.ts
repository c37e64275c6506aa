import { expect, it } from 'vitest';

import { daysSince } from './daysSince';

// R072
it('tells the days that the service has counted, however long the card has been open', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(daysSince('2026-11-15T12:00:00Z', now)).toBe(7);
  expect(daysSince('2026-11-15T12:00:00Z', now + 3_600_000)).toBe(7);
  expect(daysSince('2026-11-22T11:00:00Z', now)).toBe(1);
});
