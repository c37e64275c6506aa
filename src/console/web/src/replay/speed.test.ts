import { expect, it } from 'vitest';

import { nextSpeed } from './speed';

it('speeds go up and down and stay at their ends', () => {
  expect(nextSpeed(1, 1)).toBe(1.25);
  expect(nextSpeed(1, -1)).toBe(0.75);
  expect(nextSpeed(0.75, -1)).toBe(0.75);
  expect(nextSpeed(2, 1)).toBe(2);
});
