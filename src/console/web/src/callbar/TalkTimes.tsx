import { Flex, Tag, Typography } from 'antd';

import type { OwnCall } from '../owncall/useOwnCall';
import { lengthOf } from '../time/format';
import { useNow } from '../time/now';
import { exceeded } from './exceeded';
import { useTexts } from './texts';

/** How long the talk has lasted, and each thing that goes on beside it. */
export function TalkTimes({ own: { agent, standing, call } }: { own: OwnCall }) {
  const t = useTexts();
  const now = useNow();
  const since = (at: string) => lengthOf(now - Date.parse(at));
  const { heldSince, mutedSince, consult, transfer } = standing;
  const limit = exceeded(call?.stages ?? [], 'talk');
  return (
    <Flex align="center" gap={6} wrap className="figures">
      {agent.since ? <Typography.Text strong>{t('talks', { time: since(agent.since) })}</Typography.Text> : null}
      {limit === undefined ? null : <Tag color="warning">{t('tooLong', { limit: lengthOf(limit) })}</Tag>}
      {heldSince === undefined ? null : <Tag color="warning">{t('held', { time: since(heldSince) })}</Tag>}
      {mutedSince === undefined ? null : <Tag color="warning">{t('muted', { time: since(mutedSince) })}</Tag>}
      {consult ? (
        <Tag color="processing">{t(consult.isThree ? 'three' : consult.isAnswered ? 'consulting' : 'asking')}</Tag>
      ) : null}
      {transfer ? <Tag color="processing">{t('passingOn')}</Tag> : null}
      {standing.noticePlays ? <Tag color="processing">{t('notice')}</Tag> : null}
      {standing.recordingIsPaused ? <Tag color="error">{t('notRecorded')}</Tag> : null}
      {standing.handIsRaised ? <Tag color="warning">{t('handIsUp')}</Tag> : null}
      {standing.isPrivate ? <Tag>{t('private')}</Tag> : null}
    </Flex>
  );
}
