import { Card, Flex, Tag, Typography } from 'antd';

import { api } from '../api/client';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { lengthOf } from '../time/format';
import { useTexts } from './texts';

/** What was before with this caller (R223), and what is known of the way here (R118, R119). */
export function PastCalls({ call }: { call: string }) {
  const t = useTexts();
  const card = api.useQuery('get', '/api/v1/calls/{id}/caller', { params: { path: { id: call } } });
  const error: unknown = card.error;
  if (error) return null;
  return (
    <Card size="small" title={t('past')}>
      <Loaded query={card}>
        {({ contacts, tasks, passed_on_by, is_passed_on_too_often }) => (
          <Flex vertical gap={8}>
            {passed_on_by ? (
              <Typography.Text>
                {t('passedBy', { agent: passed_on_by })}
                {is_passed_on_too_often ? <Tag color="error">{t('tooOften')}</Tag> : null}
              </Typography.Text>
            ) : null}
            {tasks.length > 0 ? <Tag color="warning">{t('openTasks', { count: tasks.length })}</Tag> : null}
            {contacts.length === 0 ? <Empty title={t('noPast')} /> : null}
            {contacts.map((contact) => (
              <Flex key={contact.call} gap={8} wrap align="center">
                <Time at={contact.at} />
                {contact.purpose ? <Tag>{contact.purpose}</Tag> : null}
                <Typography.Text type="secondary">
                  {contact.answered_by
                    ? t('servedBy', { agent: contact.answered_by, time: lengthOf(contact.talk_ms ?? 0) })
                    : t('nobodyTook')}
                </Typography.Text>
              </Flex>
            ))}
          </Flex>
        )}
      </Loaded>
    </Card>
  );
}
