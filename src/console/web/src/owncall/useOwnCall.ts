import { useMemo, useSyncExternalStore } from 'react';

import { api } from '../api/client';
import { Problem } from '../api/problem';
import type { Schema } from '../api/types';
import { useAccount } from '../session/context';
import { type RingNow, ringNow, rings } from './rings';
import { type Standing, standingOf } from './standing';
import { useNow } from '../time/now';

/** What the agent who is logged in is doing. */
export function useOwnAgent(): Schema<'Agent'> | undefined {
  const { extension, may } = useAccount();
  const id = extension ?? '';
  const isOn = id !== '' && may.includes('see_agents');
  const query = api.useQuery('get', '/api/v1/agents/{id}', { params: { path: { id } } }, { enabled: isOn });
  return query.data;
}

/** What the agent does with a call. */
export type Phase = 'ringing' | 'talking' | 'wrap_up';

/** The call that an agent is rung for, talks in, or still has to write up. */
export interface OwnCall {
  id: string;
  agent: Schema<'Agent'>;
  phase: Phase;
  call: Schema<'CallDetailView'> | undefined;
  standing: Standing;
}

const PHASES: readonly Phase[] = ['ringing', 'talking', 'wrap_up'];

/** A call is durable before it rings; that the agent is rung for it may be a moment later. */
const isSoonThere = (count: number, error: unknown) =>
  count < 5 && error instanceof Problem && (error.status === 404 || error.status === 0 || error.status >= 502);

/** The agent's own call, if there is one. */
export function useOwnCall(): OwnCall | undefined {
  const agent = useOwnAgent();
  const phase = PHASES.find((known) => known === agent?.state);
  const id = (phase && (agent?.calls[0] ?? agent?.wraps_up)) ?? '';
  const init = { params: { path: { id } } };
  const options = { enabled: id !== '', retry: isSoonThere, retryDelay: 200 };
  const { data: call } = api.useQuery('get', '/api/v1/calls/{id}', init, options);
  const { data: events } = api.useQuery('get', '/api/v1/calls/{id}/events', init, options);
  const standing = useMemo(() => standingOf(events?.items ?? []), [events]);
  return agent && phase && id !== '' ? { id, agent, phase, call, standing } : undefined;
}

/** Which ring of this call the caller hears now. */
export function useRing({ id, standing }: OwnCall): RingNow | undefined {
  const told = useSyncExternalStore(rings.watch, () => rings.of(id));
  return ringNow(told, standing, useNow());
}
