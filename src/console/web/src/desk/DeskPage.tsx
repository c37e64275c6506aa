import { Flex } from 'antd';

import { useOwnAgent, useOwnCall } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { Empty } from '../states/Empty';
import { PageTitle } from '../states/PageTitle';
import { CallDesk } from './CallDesk';
import { QuietDesk } from './QuietDesk';
import { useTexts } from './texts';

/** Where an agent works: at the call that he has, and between calls at what is left to do. */
export default function DeskPage() {
  const t = useTexts();
  const { extension } = useAccount();
  const agent = useOwnAgent();
  const own = useOwnCall();
  return (
    <Flex vertical gap={16}>
      <PageTitle>{t('title')}</PageTitle>
      {extension == null ? <Empty title={t('noPhone')} advice={t('noPhoneAdvice')} /> : null}
      {own ? <CallDesk key={own.id} own={own} /> : <QuietDesk agent={agent} />}
    </Flex>
  );
}
