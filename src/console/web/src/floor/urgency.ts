import type { Schema } from '../api/types';

type Agent = Schema<'Agent'>;

/** A call that goes on, with how it stands. */
export type Running = Schema<'Call'> & { now: Schema<'CallNow'> };

/** Those that go on, of what the service gave. */
export function runningOf(calls: readonly Schema<'Call'>[]): Running[] {
  return calls.flatMap((call) => (call.now ? [{ ...call, now: call.now }] : []));
}

/** Whoever does nothing in particular, in the order of how soon that may matter. */
const STATES = ['talking', 'ringing', 'wrap_up', 'ready', 'busy', 'break', 'offline'];

/** How soon somebody should look at an agent: the lowest first. */
function rankOf(agent: Agent, hands: ReadonlySet<string>, nowMs: number): number {
  if (hands.has(agent.id)) return 0;
  if (agent.asks_break != null) return 1;
  if (isOverdue(agent, nowMs)) return 2;
  if (agent.state === 'unreachable') return 3;
  const place = STATES.indexOf(agent.state);
  return 4 + (place === -1 ? STATES.length : place);
}

/** The break should be over by now. */
export function isOverdue({ break_until }: Agent, nowMs: number): boolean {
  return break_until != null && Date.parse(break_until) < nowMs;
}

/** Agents, whoever needs somebody's attention first; among equals whoever has been so for longest. */
export function agentsByUrgency(agents: readonly Agent[], hands: ReadonlySet<string>, nowMs: number): Agent[] {
  const ranked = agents.map((agent) => ({ agent, rank: rankOf(agent, hands, nowMs) }));
  ranked.sort(
    (one, other) =>
      one.rank - other.rank ||
      (one.agent.since ?? '').localeCompare(other.agent.since ?? '') ||
      one.agent.id.localeCompare(other.agent.id),
  );
  return ranked.map(({ agent }) => agent);
}

/** Calls: the one that one is beside, then emergencies, then those in which help is asked for, then the oldest. */
export function callsByUrgency(calls: readonly Running[], self: string | null | undefined): Running[] {
  const rank = ({ now, emergency }: Running) => {
    if (self != null && now.beside?.agent === self) return 0;
    if (emergency) return 1;
    if (now.hand) return 2;
    return now.is_escalated ? 3 : 4;
  };
  const ranked = calls.map((call) => ({ call, rank: rank(call) }));
  ranked.sort((one, other) => one.rank - other.rank || one.call.arrived_at.localeCompare(other.call.arrived_at));
  return ranked.map(({ call }) => call);
}
