import { App, Button, Flex, Typography } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useMay } from '../session/context';
import { Since } from '../time/Since';
import { Panel } from './Panel';
import styles from './floor.module.css';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';

/** Breaks that wait for the duty lead's word, whoever has waited for longest first. */
export function Breaks({ agents, nameOf }: { agents: readonly Schema<'Agent'>[]; nameOf: NameOf }) {
  const t = useTexts();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const mayDecide = useMay('set_agent');
  const [pending, setPending] = useState<string>();
  const asking = agents.filter(({ asks_break }) => asks_break != null);
  asking.sort((one, other) => (one.asked_break_at ?? '').localeCompare(other.asked_break_at ?? ''));
  const away = agents.filter(({ state }) => state === 'break').length;

  const decide = async (id: string, to: 'allow_break' | 'deny_break') => {
    setPending(id);
    try {
      await client.POST('/api/v1/agents/{id}/state', { params: { path: { id } }, body: { to } });
    } catch (error) {
      const { title, advice } = problemText(error);
      void message.error(`${title} ${advice}`);
    } finally {
      setPending(undefined);
    }
  };
  return (
    <Panel
      title={t('breaks')}
      note={<Typography.Text type="secondary">{t('onBreak', { count: away })}</Typography.Text>}
    >
      {asking.length === 0 ? <Typography.Text type="secondary">{t('noBreaks')}</Typography.Text> : null}
      <ul className={styles.list} hidden={asking.length === 0}>
        {asking.map(({ id, asks_break, asked_break_at }) => (
          <li key={id} className={styles.entry}>
            <Flex vertical>
              <Typography.Text strong>{nameOf(id)}</Typography.Text>
              <span>
                {t('asked', { reason: asks_break ?? '' })} {asked_break_at == null ? null : <Since from={asked_break_at} />}
              </span>
            </Flex>
            {mayDecide ? (
              <Flex gap={6}>
                <Button
                  size="small"
                  type="primary"
                  aria-label={t('allowOf', { agent: nameOf(id) })}
                  loading={pending === id}
                  onClick={() => void decide(id, 'allow_break')}
                >
                  {t('allow')}
                </Button>
                <Button
                  size="small"
                  aria-label={t('denyOf', { agent: nameOf(id) })}
                  disabled={pending === id}
                  onClick={() => void decide(id, 'deny_break')}
                >
                  {t('deny')}
                </Button>
              </Flex>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
