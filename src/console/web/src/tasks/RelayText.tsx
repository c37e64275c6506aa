import { Button, Flex, Tag, Typography } from 'antd';
import { useState } from 'react';

import { api, client } from '../api/client';
import type { Schema } from '../api/types';
import { useAccount } from '../session/context';
import { Time } from '../time/Time';
import { useTexts } from './texts';

/** What a colleague has taken down for somebody who could not be reached (R183). */
export function RelayText({ task, onError }: { task: string; onError: (error: unknown) => void }) {
  const t = useTexts();
  const { may } = useAccount();
  const [read, setRead] = useState<Schema<'Message'>>();
  // What is shown to whoever it is for counts as delivered.
  const messages = api.useQuery('get', '/api/v1/messages', { params: { query: { limit: 100 } } });
  const message = read ?? messages.data?.items.find(({ id }) => id === task);
  if (!message) return null;
  const look = async () => {
    try {
      const { data } = await client.POST('/api/v1/messages/{id}/read', { params: { path: { id: task } } });
      setRead(data);
      void messages.refetch();
    } catch (error) {
      onError(error);
    }
  };
  const { text, from_name, number, taken_by, taken_at, urgency, refused, read_at } = message;
  return (
    <Flex vertical gap={4}>
      <Flex gap={8} wrap align="center">
        {urgency === 'urgent' ? <Tag color="error">{t('urgent')}</Tag> : null}
        {from_name ? <Typography.Text strong>{from_name}</Typography.Text> : null}
        {number ? <Typography.Text className="figures">{number}</Typography.Text> : null}
        {read_at ? <Tag color="success">{t('read')}</Tag> : <Tag color="warning">{t('unread')}</Tag>}
      </Flex>
      <Typography.Text style={{ whiteSpace: 'pre-wrap' }}>{refused ? t('leftNothing') : (text ?? t('erased'))}</Typography.Text>
      <Flex gap={8} wrap align="center">
        <Typography.Text type="secondary">
          {t('takenBy', { name: taken_by })} <Time at={taken_at} />
        </Typography.Text>
        {read === undefined && may.includes('reveal_number') ? (
          <Button size="small" onClick={() => void look()}>
            {t('showNumber')}
          </Button>
        ) : null}
      </Flex>
    </Flex>
  );
}
