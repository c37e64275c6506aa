import { Flex, Tag } from 'antd';
import { Link } from 'react-router';

import { CallerName } from '../calls/CallerName';
import { useAccount, useMay } from '../session/context';
import { modeOf } from '../supervision/modes';
import { Ways } from '../supervision/Ways';
import { Since } from '../time/Since';
import { Begin } from './Begin';
import { CallState } from './CallState';
import styles from './floor.module.css';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';
import type { Running } from './urgency';

interface Props {
  call: Running;
  nameOf: NameOf;
  /** One is beside some call already. */
  isBeside: boolean;
}

/** A call that goes on: who, where, how it stands, and how to be in it. */
export function CallRow({ call, nameOf, isBeside }: Props) {
  const t = useTexts();
  const { extension } = useAccount();
  const mayListen = useMay('listen_in');
  const { id, now, line, dialled } = call;
  const { beside } = now;
  const isOwn = extension != null && beside?.agent === extension;
  const agents = now.agent != null ? [now.agent] : now.rung;
  const agent = agents.map(nameOf).join(' · ');
  return (
    <tr id={`call-${id}`} className={isOwn ? styles.own : undefined}>
      <td>
        <Link to={`/calls/${id}`}>
          <CallerName call={call} />
        </Link>
      </td>
      <td>{line ?? dialled}</td>
      <td className={styles.name}>
        <Flex gap={6} align="center">
          <CallState now={now} />
          <Since from={now.since} />
        </Flex>
      </td>
      <td className={styles.name}>{agent === '' ? t('nobody') : agent}</td>
      <td>
        <Flex gap={4} wrap>
          {now.hand ? <Tag color="error">{t('hand')}</Tag> : null}
          {call.emergency ? <Tag color="error">{t('emergency')}</Tag> : null}
          {call.passed_on_often ? <Tag color="error">{t('passedOnOften', { count: call.transfers_count })}</Tag> : null}
          {call.talk_long ? <Tag color="warning">{t('talkLong')}</Tag> : null}
          {now.is_escalated ? <Tag color="error">{t('escalated')}</Tag> : null}
          {now.is_private ? <Tag>{t('private')}</Tag> : null}
          {now.is_muted ? <Tag color="warning">{t('muted')}</Tag> : null}
          {beside ? <Who beside={beside} who={isOwn ? undefined : nameOf(beside.agent)} /> : null}
        </Flex>
      </td>
      {mayListen ? (
        <td>
          {isOwn ? (
            <Ways call={id} agent={agent} mode={beside.mode} isThere={beside.is_there} />
          ) : (
            <Begin call={call} agent={agent} isOff={isBeside || extension == null} />
          )}
        </td>
      ) : null}
    </tr>
  );
}

/** Who is beside the call, and how, or is rung to be; without a name it is oneself. */
function Who({ beside, who }: { beside: { mode: string; is_there: boolean }; who: string | undefined }) {
  const t = useTexts();
  const way = beside.is_there ? modeOf(beside.mode) : 'rung';
  return <Tag color="processing">{who === undefined ? t(`self.${way}`) : t(`beside.${way}`, { who })}</Tag>;
}
