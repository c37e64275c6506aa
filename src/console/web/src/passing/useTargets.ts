import { api } from '../api/client';
import type { OwnCall } from '../owncall/useOwnCall';
import { type Target, targetsOf } from './targets';

/** Whom this call's caller can be passed to, by what was typed; states are as they are now. */
export function useTargets({ id, agent, call }: OwnCall, text: string): Target[] {
  const agents = api.useQuery('get', '/api/v1/agents');
  const lines = api.useQuery('get', '/api/v1/lines');
  const query = { call: id, ...(text.trim() === '' ? {} : { q: text.trim() }) };
  const entries = api.useQuery('get', '/api/v1/directory', { params: { query } }, { placeholderData: (before) => before });
  const own = { extension: agent.id, line: call?.line ?? undefined };
  return targetsOf(agents.data?.items ?? [], lines.data?.items ?? [], entries.data?.items ?? [], own, text);
}
