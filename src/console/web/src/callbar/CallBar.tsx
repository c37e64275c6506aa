import { Flex } from 'antd';

import { useHearing } from '../owncall/useHearing';
import { useOwnAgent, useOwnCall } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { OwnCallBar } from './OwnCallBar';
import { StateControl } from './StateControl';
import { useTexts } from './texts';

/** What an agent sees on every page: what he is doing now, and the call that he is in. */
export function CallBar() {
  const { extension, may } = useAccount();
  useHearing(extension ?? undefined);
  if (extension == null || !may.includes('see_agents')) return null;
  return <Bar />;
}

function Bar() {
  const t = useTexts();
  const agent = useOwnAgent();
  const own = useOwnCall();
  if (!agent) return null;
  return (
    <Flex align="center" gap={12} wrap component="section" aria-label={t('callBar')} style={{ padding: '6px 0' }}>
      <StateControl agent={agent} />
      {own ? <OwnCallBar key={own.id} own={own} /> : null}
    </Flex>
  );
}
