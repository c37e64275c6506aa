import { Button, Flex, Tag, Typography } from 'antd';
import { useState } from 'react';

import { AgentState } from '../agents/AgentState';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Since } from '../time/Since';
import { lengthOf } from '../time/format';
import { useNow } from '../time/now';
import { Panel } from './Panel';
import styles from './floor.module.css';
import { useTexts } from './texts';
import { agentsByUrgency, isOverdue } from './urgency';

const AWAY = ['offline', 'unreachable'];
/** Agents that are shown before somebody wants to see the rest. */
const SHOWN = 50;

interface Props {
  agents: readonly Schema<'Agent'>[];
  /** Those who ask for help. */
  hands: ReadonlySet<string>;
}

/** Every agent, those first whom somebody should see to. */
export function Agents({ agents, hands }: Props) {
  const t = useTexts();
  const now = useNow();
  const [isWhole, setWhole] = useState(false);
  const sorted = agentsByUrgency(agents, hands, now);
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN);
  const hidden = sorted.length - shown.length;
  const away = agents.filter(({ state }) => state === 'break').length;
  const off = agents.filter(({ state }) => AWAY.includes(state)).length;
  const counts = t('counts', { working: agents.length - away - off, away, off });
  if (agents.length === 0) {
    return (
      <Panel title={t('agents')}>
        <Empty title={t('noAgents')} />
      </Panel>
    );
  }
  return (
    <Panel title={t('agents')} note={<Typography.Text type="secondary">{counts}</Typography.Text>}>
      <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('agents')}>
        <table className={`${styles.table ?? ''} figures`}>
          <thead>
            <tr>
              <th scope="col">{t('agent')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('since')}</th>
              <th scope="col">{t('shift')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((agent) => (
              <tr key={agent.id}>
                <td>
                  {agent.name} <Typography.Text type="secondary">{agent.id}</Typography.Text>
                </td>
                <td>
                  <Flex gap={4} wrap>
                    <AgentState state={agent.state} reason={agent.reason ?? undefined} />
                    {hands.has(agent.id) ? <Tag color="error">{t('hand')}</Tag> : null}
                    {agent.asks_break == null ? null : <Tag color="warning">{t('asksBreak')}</Tag>}
                    {agent.break_until != null && isOverdue(agent, now) ? (
                      <Tag color="error">{t('overdue', { time: lengthOf(now - Date.parse(agent.break_until)) })}</Tag>
                    ) : null}
                  </Flex>
                </td>
                <td>{agent.since == null ? null : <Since from={agent.since} />}</td>
                <td>{agent.shift}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 ? <Button onClick={() => setWhole(true)}>{t('moreAgents', { count: hidden })}</Button> : null}
    </Panel>
  );
}
