import type { Schema } from '../api/types';
import type { Running } from './urgency';

/** All that the floor shows. */
export interface Floor {
  agents: readonly Schema<'Agent'>[];
  queues: readonly Schema<'Queue'>[];
  lines: readonly Schema<'Line'>[];
  calls: readonly Running[];
}

/**
 * The floor of one queue: its agents, the lines that they answer, their calls and those of these
 * lines, and the call that one is beside oneself. Without a queue, or with one that is gone: all of it.
 */
export function narrowed(floor: Floor, queue: string | null, self: string | null | undefined): Floor {
  const group = floor.queues.find(({ id }) => id === queue);
  if (!group) return floor;
  const members = new Set(group.order);
  const lines = floor.lines.filter(({ agents }) => agents.some((agent) => members.has(agent)));
  const served = new Set(lines.map(({ id }) => id));
  const isOurs = ({ line, now }: Running) =>
    (line != null && served.has(line)) ||
    (now.agent != null && members.has(now.agent)) ||
    now.rung.some((agent) => members.has(agent)) ||
    (self != null && now.beside?.agent === self);
  return {
    agents: floor.agents.filter(({ id }) => members.has(id)),
    queues: [group],
    lines,
    calls: floor.calls.filter(isOurs),
  };
}
