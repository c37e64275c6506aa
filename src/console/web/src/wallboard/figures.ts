import type { Schema } from '../api/types';

type Queue = Schema<'Queue'>;
type Agent = Schema<'Agent'>;

/** A share in percent, with one decimal, rounded down as the service does; nothing of none. */
export function percentOf({ permille }: Schema<'Share'>): string | undefined {
  return permille == null ? undefined : `${(permille / 10).toFixed(1)}%`;
}

/** Everybody who waits, and since when the one does who has waited for longest. */
export function waitingIn(queues: readonly Queue[]): { count: number; longest: string | undefined } {
  const count = queues.reduce((sum, { waiting }) => sum + waiting, 0);
  const begun = queues.flatMap(({ longest }) => (longest == null ? [] : [longest]));
  begun.sort((one, other) => Date.parse(one) - Date.parse(other));
  return { count, longest: begun[0] };
}

/** How many agents there are of each state. */
export function byState(agents: readonly Agent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of agents) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}
