import { useQueryClient } from '@tanstack/react-query';

import type { Schema } from '../api/types';
import { useEvent } from '../events/context';
import { agentNow } from '../events/feed';
import type { CallEvent } from '../events/kinds';
import { agentKey, eventsKey } from './keys';
import { rings } from './rings';

interface Events {
  items: Pick<CallEvent, 'id' | 'at' | 'kind' | 'data'>[];
}

/**
 * Takes what the service tells of the agent and of his calls at the moment it is told: nobody asks
 * for a ring that is on his screen already.
 */
export function useHearing(extension: string | undefined): void {
  const queries = useQueryClient();
  useEvent('agent', (now) => {
    if (now.agent !== extension) return;
    queries.setQueryData<Schema<'Agent'>>(agentKey(now.agent), (agent) => agent && agentNow(agent, now));
  });
  useEvent('ring', (ring) => rings.take(ring));
  useEvent('call', ({ call, id, at, kind, data }) => {
    queries.setQueryData<Events>(eventsKey(call), (page) => {
      if (!page || page.items.some((known) => known.id === id)) return page;
      return { ...page, items: [...page.items, { id, at, kind, ...(data ? { data } : {}) }] };
    });
  });
}
