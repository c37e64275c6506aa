import { Flex } from 'antd';

import { api } from '../api/client';
import { Loaded } from '../states/Loaded';
import { FloorView } from './FloorView';
import { runningOf } from './urgency';

/** As many as the service gives at once: the newest. */
const MOST_CALLS = 500;

/** What the duty lead looks at: who needs help, who is where, which calls go on. */
export default function FloorPage() {
  const agents = api.useQuery('get', '/api/v1/agents');
  const queues = api.useQuery('get', '/api/v1/queues');
  const lines = api.useQuery('get', '/api/v1/lines');
  const query = { running: 'yes', limit: MOST_CALLS } as const;
  const calls = api.useQuery('get', '/api/v1/calls', { params: { query } });
  return (
    <Flex vertical gap={16}>
      <Loaded query={agents}>
        {({ items: people }) => (
          <Loaded query={queues}>
            {({ items: groups }) => (
              <Loaded query={lines}>
                {({ items: served }) => (
                  <Loaded query={calls}>
                    {({ items }) => (
                      <FloorView floor={{ agents: people, queues: groups, lines: served, calls: runningOf(items) }} />
                    )}
                  </Loaded>
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Flex>
  );
}
