import { describe, expect, it } from 'vitest';

import type { Schema } from '../api/types';
import { byState, percentOf, waitingIn } from './figures';

const queue = (waiting: number, longest: string | null): Schema<'Queue'> => ({
  id: 'q',
  waiting,
  longest,
  callers: [],
  order: [],
  agents: {},
  ready: 0,
  staffed: 0,
  missing: 0,
});

describe('the figures of a wallboard', () => {
  it('say percent with one decimal, never more than was reached', () => {
    expect(percentOf({ numerator: 2, denominator: 3, permille: 666 })).toBe('66.6%');
    expect(percentOf({ numerator: 5, denominator: 5, permille: 1000 })).toBe('100.0%');
  });

  it('say nothing of none, which is not 0 %', () => {
    expect(percentOf({ numerator: 0, denominator: 0, permille: null })).toBeUndefined();
    expect(percentOf({ numerator: 0, denominator: 4, permille: 0 })).toBe('0.0%');
  });

  it('count who waits in all queues, and find who has waited for longest', () => {
    const queues = [
      queue(2, '2026-11-22T06:00:05Z'),
      queue(0, null),
      // Another zone, and earlier.
      queue(1, '2026-11-22T14:00:04+08:00'),
    ];
    expect(waitingIn(queues)).toEqual({ count: 3, longest: '2026-11-22T14:00:04+08:00' });
    expect(waitingIn([])).toEqual({ count: 0, longest: undefined });
  });

  it('count agents by state', () => {
    const agent = (state: string) => ({ id: state, name: '', state, calls: [], is_overdue: false });
    const counts = byState(['ready', 'talking', 'ready'].map(agent));
    expect([...counts]).toEqual([
      ['ready', 2],
      ['talking', 1],
    ]);
  });
});
