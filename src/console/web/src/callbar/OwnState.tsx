import { Flex, Typography } from 'antd';

import { AgentState } from '../agents/AgentState';
import { api } from '../api/client';
import { Since } from '../time/Since';
import { useTexts } from './texts';

/** The agent's own state, and since when. */
export function OwnState({ extension }: { extension: string }) {
  const t = useTexts();
  const { data } = api.useQuery('get', '/api/v1/agents/{id}', { params: { path: { id: extension } } });
  if (!data) return null;
  return (
    <Flex align="center" gap={8} component="section" aria-label={t('callBar')}>
      <Typography.Text strong>{extension}</Typography.Text>
      <AgentState state={data.state} reason={data.reason ?? undefined} />
      {data.since ? <Since from={data.since} /> : null}
    </Flex>
  );
}
