import { describe, expect, it } from 'vitest';

import { byDue, urgencyOf } from './due';

const task = (id: string, opened_at: string, due_at: string | null) => ({
  id,
  kind: 'call_back',
  state: 'open',
  reason: 'abandoned',
  calls: 1,
  tries: 0,
  opened_at,
  due_at,
});

describe('tasks', () => {
  it('come in the order in which they are due', () => {
    const tasks = [
      task('never', '2026-11-22T01:00:00Z', null),
      task('later', '2026-11-22T02:00:00Z', '2026-11-22T09:00:00Z'),
      task('first', '2026-11-22T03:00:00Z', '2026-11-22T08:00:00Z'),
      task('never, older', '2026-11-22T00:00:00Z', null),
    ];
    expect(tasks.sort(byDue).map(({ id }) => id)).toEqual(['first', 'later', 'never, older', 'never']);
  });

  it('are overdue from the moment on that was said', () => {
    const due = Date.parse('2026-11-22T08:00:00Z');
    const one = task('a', '2026-11-22T03:00:00Z', '2026-11-22T08:00:00Z');
    expect([due - 1_800_001, due - 1_800_000, due - 1, due].map((now) => urgencyOf(one, now))).toEqual([
      'later',
      'soon',
      'soon',
      'overdue',
    ]);
    expect(urgencyOf(task('b', '2026-11-22T03:00:00Z', null), due)).toBe('later');
  });
});
