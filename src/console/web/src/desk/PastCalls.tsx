import { Card, Flex, Tag, Typography } from 'antd';

import type { Schema } from '../api/types';
import { api } from '../api/client';
import { useCodeName } from '../note/useCodeName';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { lengthOf } from '../time/format';
import { useNow } from '../time/now';
import { daysSince } from './daysSince';
import { useTexts } from './texts';

/** What was before with this caller (R072, R223), and what is known of the way here (R118, R119). */
export function PastCalls({ call, line }: { call: string; line: string | null | undefined }) {
  const t = useTexts();
  const nameOf = useCodeName(line);
  const card = api.useQuery('get', '/api/v1/calls/{id}/caller', { params: { path: { id: call } } });
  const error: unknown = card.error;
  if (error) return null;
  return (
    <Card size="small" title={t('past')}>
      <Loaded query={card}>
        {({ contacts, lately, tasks, passed_on_by, is_passed_on_too_often }) => (
          <Flex vertical gap={8}>
            {lately && lately.calls > 0 ? <Lately lately={lately} nameOf={nameOf} /> : null}
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
                {contact.purpose ? <Tag>{nameOf(contact.purpose)}</Tag> : null}
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

interface LatelyProps {
  lately: NonNullable<Schema<'CallerCard'>['lately']>;
  nameOf: (code: string) => string;
}

/** How often this caller has rung in the last days, and what for: nothing need be explained again (R072). */
function Lately({ lately: { since, calls, purposes }, nameOf }: LatelyProps) {
  const t = useTexts();
  const days = daysSince(since, useNow());
  const times = (count: number) => (count > 1 ? ` × ${count}` : '');
  return (
    <Flex gap={6} wrap align="center">
      <Typography.Text strong>{t('lately', { days, calls: t('times', { count: calls }) })}</Typography.Text>
      {purposes.map(({ purpose, calls: count }) => (
        <Tag key={purpose ?? ''} color="processing">
          {purpose ? nameOf(purpose) : t('notSaid')}
          {times(count)}
        </Tag>
      ))}
    </Flex>
  );
}
