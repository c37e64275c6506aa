import { PhoneOutlined } from '@ant-design/icons';
import { Button, Flex, Tag, Typography } from 'antd';
import { useLocation } from 'react-router';

import { api } from '../api/client';
import { useConduct } from '../owncall/useConduct';
import type { Beside } from '../owncall/standing';
import type { OwnCall } from '../owncall/useOwnCall';
import { useMay } from '../session/context';
import { useShortcut } from '../shortcuts/useShortcut';
import { Ways } from './Ways';
import { modeOf } from './modes';
import { useTexts } from './texts';

/** The call bar of somebody who is beside a colleague's call, or rung to be. */
export function BesideBar({ own, beside }: { own: OwnCall; beside: Beside }) {
  const t = useTexts();
  const { pathname } = useLocation();
  const conduct = useConduct(own.id);
  const mayAnswer = useMay('conduct_call') && !beside.isThere;
  const agents = api.useQuery('get', '/api/v1/agents');
  const others = agents.data?.items.filter(({ id, calls }) => id !== beside.agent && calls.includes(own.id));
  const agent = others?.[0]?.name ?? others?.[0]?.id ?? own.standing.answeredBy ?? '';
  const answer = () => void conduct.order('talk');
  useShortcut({ keys: 'Ctrl+Enter', label: t('answer'), group: t('call'), run: answer, whileTyping: true }, mayAnswer);
  return (
    <Flex align="center" gap={8} wrap>
      <Tag color="processing">{t(`mode.${modeOf(beside.mode)}`)}</Tag>
      <span>{t('with', { agent })}</span>
      {beside.isThere ? null : <Typography.Text type="secondary">{t('yourPhoneRings')}</Typography.Text>}
      {mayAnswer ? (
        <Button size="small" type="primary" icon={<PhoneOutlined />} loading={conduct.pending === 'talk'} onClick={answer}>
          {t('answer')}
        </Button>
      ) : null}
      {/* On the floor these stand in the call's own row. */}
      {pathname.startsWith('/floor') ? null : (
        <Ways call={own.id} agent={agent} mode={beside.mode} isThere={beside.isThere} isBare />
      )}
    </Flex>
  );
}
