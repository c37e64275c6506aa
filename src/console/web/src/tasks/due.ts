import type { Schema } from '../api/types';

type Task = Schema<'Task'>;

/** What is due first comes first; what is never due comes last, by its age. */
export function byDue(one: Task, other: Task): number {
  const due = ({ due_at }: Task) => (due_at ? Date.parse(due_at) : Infinity);
  const [first, second] = [due(one), due(other)];
  if (first !== second) return first - second;
  return Date.parse(one.opened_at) - Date.parse(other.opened_at);
}

/** How urgent a task is: it should have been done, it is to be done soon, or there is time. */
export type Urgency = 'overdue' | 'soon' | 'later';

/** What is due within this is due soon. */
const SOON_MS = 30 * 60_000;

export function urgencyOf({ due_at }: Task, now: number): Urgency {
  if (!due_at) return 'later';
  const left = Date.parse(due_at) - now;
  if (left <= 0) return 'overdue';
  return left <= SOON_MS ? 'soon' : 'later';
}
