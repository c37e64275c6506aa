import { BellOutlined, DownOutlined } from '@ant-design/icons';
import { App, Button, Dropdown, Flex, type MenuProps, Tag, Typography } from 'antd';
import { useState } from 'react';

import { AgentState } from '../agents/AgentState';
import { client } from '../api/client';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useAccount } from '../session/context';
import { useShortcut } from '../shortcuts/useShortcut';
import { Since } from '../time/Since';
import { Away, type AwayKind } from './Away';
import { isToneOn, switchTone } from './toneChoice';
import { useTexts } from './texts';

export type Wish = Schema<'StateWish'>;

/** States in which an agent says by himself what comes next. */
const AT_WORK = ['ready', 'busy', 'break', 'unreachable'];

/** The agent's own state, since when, and what he can do about it. */
export function StateControl({ agent }: { agent: Schema<'Agent'> }) {
  const t = useTexts();
  const { name, may } = useAccount();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const [asked, setAsked] = useState<AwayKind>();
  const [hasTone, setTone] = useState(() => isToneOn(name, localStorage));

  const wish = async (body: Wish): Promise<boolean> => {
    try {
      await client.POST('/api/v1/agents/{id}/state', { params: { path: { id: agent.id } }, body });
      return true;
    } catch (error) {
      const { title, advice } = problemText(error);
      void message.error(`${title} ${advice}`);
      return false;
    }
  };
  const mayWish = may.includes('set_agent');
  const isOff = agent.state === 'offline';
  useShortcut(
    { keys: 'R', label: t('ready'), group: t('state'), run: () => void wish({ to: 'ready' }) },
    mayWish && AT_WORK.includes(agent.state),
  );
  const items: NonNullable<MenuProps['items']> = [
    ...(isOff
      ? [{ key: 'log_in', label: t('logIn') }]
      : [
          { key: 'ready', label: t('ready'), disabled: agent.state === 'ready' },
          { key: 'busy', label: t('busy') },
          { key: 'break', label: t('break') },
          { key: 'log_out', label: t('logOut') },
        ]),
    { type: 'divider' as const },
    { key: 'tone', icon: <BellOutlined />, label: t(hasTone ? 'toneOff' : 'toneOn') },
  ];
  const act = (key: string) => {
    if (key === 'ready' || key === 'log_out') return void wish({ to: key });
    if (key === 'log_in' || key === 'busy' || key === 'break') return setAsked(key);
    switchTone(name, !hasTone, localStorage);
    return setTone(!hasTone);
  };
  return (
    <Flex align="center" gap={8}>
      <Dropdown trigger={['click']} disabled={!mayWish} menu={{ items, onClick: ({ key }) => act(key) }}>
        <Button type="text" style={{ paddingInline: 6 }} aria-label={t('ownState', { name: agent.name || agent.id })}>
          <Typography.Text strong>{agent.id}</Typography.Text>
          <AgentState state={agent.state} reason={agent.reason ?? undefined} />
          <DownOutlined style={{ fontSize: 10 }} />
        </Button>
      </Dropdown>
      {agent.since && agent.state !== 'talking' ? <Since from={agent.since} /> : null}
      {agent.asks_break ? <Tag>{t('breakAsked', { reason: agent.asks_break })}</Tag> : null}
      <Away kind={asked} agent={agent} wish={wish} onClose={() => setAsked(undefined)} />
    </Flex>
  );
}
