import { AlertOutlined, NotificationOutlined, TeamOutlined } from '@ant-design/icons';
import { Alert, Flex } from 'antd';

import type { Schema } from '../api/types';
import { useNotice } from '../attention/useNotice';
import { Since } from '../time/Since';
import styles from './floor.module.css';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';
import type { Running } from './urgency';

interface Props {
  queues: readonly Schema<'Queue'>[];
  lines: readonly Schema<'Line'>[];
  calls: readonly Running[];
  nameOf: NameOf;
}

/** What somebody should see to now: hands that are up, too few agents, lines in an emergency. */
export function Alarms({ queues, lines, calls, nameOf }: Props) {
  const t = useTexts();
  const hands = calls.flatMap(({ id, now }) => (now.hand ? [{ id, ...now.hand }] : []));
  const emergencies = calls.filter(({ emergency }) => emergency);
  const escalated = calls.filter(({ now }) => now.is_escalated && !now.beside);
  const short = queues.filter(({ missing }) => missing > 0);
  const switched = lines.filter((line) => line.switched);
  const [first] = hands;
  useNotice(first && { title: t('handIsUp', { agent: nameOf(first.agent) }), body: t('title'), tag: `hand ${first.id}` });
  const isQuiet = emergencies.length + hands.length + escalated.length + short.length + switched.length === 0;
  return (
    <div role="status" aria-label={t('alarms')} className={styles.whole}>
      <Flex vertical gap={8}>
        {isQuiet ? <Alert type="success" showIcon title={t('nothingToDo')} /> : null}
        {emergencies.map(({ id, now }) => (
          <Alert
            key={`emergency ${id}`}
            type="error"
            showIcon
            icon={<AlertOutlined />}
            title={now.agent ? t('isEmergency', { agent: nameOf(now.agent) }) : t('emergency')}
            action={<a href={`#call-${id}`}>{t('toCall')}</a>}
          />
        ))}
        {hands.map(({ id, agent, at }) => (
          <Alert
            key={`hand ${id}`}
            type="error"
            showIcon
            icon={<NotificationOutlined />}
            title={
              <Flex gap={8} wrap>
                {t('handIsUp', { agent: nameOf(agent) })}
                <Since from={at} />
              </Flex>
            }
            action={<a href={`#call-${id}`}>{t('toCall')}</a>}
          />
        ))}
        {escalated.map(({ id, now }) => (
          <Alert
            key={`escalated ${id}`}
            type="error"
            showIcon
            icon={<NotificationOutlined />}
            title={t('isEscalated', { agent: now.agent ? nameOf(now.agent) : t('nobody') })}
            action={<a href={`#call-${id}`}>{t('toCall')}</a>}
          />
        ))}
        {short.map(({ id, missing, staffed }) => (
          <Alert
            key={`short ${id}`}
            type="warning"
            showIcon
            icon={<TeamOutlined />}
            title={t('tooFew', { queue: id, count: missing, staffed })}
          />
        ))}
        {switched.map(({ id }) => (
          <Alert
            key={`switched ${id}`}
            type="warning"
            showIcon
            icon={<AlertOutlined />}
            title={t('isSwitched', { line: id })}
          />
        ))}
      </Flex>
    </div>
  );
}
