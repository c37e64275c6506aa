import { Card, Flex, List, Tag, Typography } from 'antd';

import { api } from '../api/client';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { lengthOf } from '../time/format';
import { useTexts } from './texts';

/** Of so many newest calls those that the agent missed are shown. */
const LOOKED_AT = 50;

/** Calls that rang at this agent's phone and were answered by somebody else, or nobody. */
export function MissedCalls({ extension }: { extension: string }) {
  const t = useTexts();
  const query = { agent: extension, limit: LOOKED_AT };
  const calls = api.useQuery('get', '/api/v1/calls', { params: { query } });
  return (
    <Card size="small" title={t('missed')}>
      <Loaded query={calls}>
        {({ items }) => {
          const missed = items.filter((call) => call.direction === 'in' && call.ended_at && call.answered_by !== extension);
          if (missed.length === 0) return <Empty title={t('noMissed')} />;
          return (
            <List
              size="small"
              dataSource={missed.slice(0, 10)}
              rowKey="id"
              renderItem={(call) => (
                <List.Item>
                  <Flex gap={8} wrap align="center">
                    <Time at={call.arrived_at} />
                    <Typography.Text className="figures">
                      {call.caller?.number ?? t(call.withheld ? 'withheld' : 'anonymous')}
                    </Typography.Text>
                    <Tag>{t('rang', { time: lengthOf(call.caller_ring_ms ?? 0) })}</Tag>
                    <Typography.Text type="secondary">
                      {call.answered_by ? t('tookBy', { agent: call.answered_by }) : t('nobodyTook')}
                    </Typography.Text>
                  </Flex>
                </List.Item>
              )}
            />
          );
        }}
      </Loaded>
    </Card>
  );
}
