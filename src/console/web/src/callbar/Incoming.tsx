import { PhoneOutlined } from '@ant-design/icons';
import { Button, Flex, Tooltip } from 'antd';
import { useState } from 'react';

import { useFlash } from '../attention/useFlash';
import { useNotice } from '../attention/useNotice';
import { useCallerName } from '../caller/useCallerName';
import { useConduct } from '../owncall/useConduct';
import { type OwnCall, useRing } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { useShortcut } from '../shortcuts/useShortcut';
import { RingCount } from './RingCount';
import { useTexts } from './texts';
import { useTone } from './useTone';

/** Phones that could not be told to answer, for as long as the page lives. */
const unable = new Set<string>();

/** A call that rings: the count of its rings, and the answer, where the phone can be told to. */
export function Incoming({ own }: { own: OwnCall }) {
  const t = useTexts();
  const { may } = useAccount();
  const now = useRing(own);
  const name = useCallerName(own);
  const extension = own.agent.id;
  const [cannot, setCannot] = useState(unable.has(extension));
  const conduct = useConduct(own.id, () => {
    unable.add(extension);
    setCannot(true);
  });
  useFlash(t('incoming', { name }));
  useNotice({ title: t('incoming', { name }), body: t('noticeBody', { line: own.call?.line ?? '' }), tag: own.id });
  useTone(now?.ring);

  const mayAnswer = may.includes('conduct_call') && !cannot;
  const answer = () => void conduct.order('talk');
  useShortcut(
    { keys: 'Ctrl+Enter', label: t('answer'), group: t('call'), run: answer, whileTyping: true },
    mayAnswer,
  );
  return (
    <Flex align="center" gap={12} wrap>
      <RingCount now={now} lateRing={own.standing.lateRing} />
      <Tooltip title={cannot ? t('phoneCannot') : t('answerKeys')}>
        <Button
          type="primary"
          icon={<PhoneOutlined />}
          disabled={!mayAnswer}
          loading={conduct.pending === 'talk'}
          onClick={answer}
        >
          {t('answer')}
        </Button>
      </Tooltip>
    </Flex>
  );
}
