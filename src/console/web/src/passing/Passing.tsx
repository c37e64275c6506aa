import { Alert, Button, Card, Flex, Input, Typography } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';

import { useConduct } from '../owncall/useConduct';
import type { OwnCall } from '../owncall/useOwnCall';
import { useMay } from '../session/context';
import { TargetList } from './TargetList';
import { useTexts } from './texts';

/** Whom the caller can be passed to, or who can be asked, each with what they are doing now. */
export function Passing({ own }: { own: OwnCall }) {
  const t = useTexts();
  const mayConduct = useMay('conduct_call');
  const [search] = useSearchParams();
  const [text, setText] = useState('');
  const conduct = useConduct(own.id);
  const { consult, transfer } = own.standing;
  if (!mayConduct) return null;
  if (consult) {
    return (
      <Card size="small" title={t('consult')}>
        <Flex vertical gap={12}>
          <Alert
            type="info"
            showIcon
            role="status"
            title={t(consult.isThree ? 'threeTalk' : consult.isAnswered ? 'talksWith' : 'rings', { who: whoIs(consult.target) })}
          />
          <Button
            type="primary"
            disabled={!consult.isAnswered}
            loading={conduct.pending === 'consult/complete'}
            onClick={() => void conduct.order('consult/complete')}
          >
            {t('complete')}
          </Button>
          <Button
            disabled={!consult.isAnswered || consult.isThree}
            loading={conduct.pending === 'consult/join'}
            onClick={() => void conduct.order('consult/join')}
          >
            {t('join')}
          </Button>
          <Button loading={conduct.pending === 'consult/cancel'} onClick={() => void conduct.order('consult/cancel')}>
            {t('backToCaller')}
          </Button>
        </Flex>
      </Card>
    );
  }
  if (transfer) {
    return (
      <Card size="small" title={t('title')}>
        <Alert type="info" showIcon role="status" title={t('passingOn', { who: whoIs(transfer) })} />
      </Card>
    );
  }
  return (
    <Card size="small" title={t('title')}>
      <Flex vertical gap={8}>
        <Input.Search
          allowClear
          // Asked for by a key or a button: then it is what comes next.
          autoFocus={search.has('pass')}
          aria-label={t('search')}
          placeholder={t('search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <TargetList own={own} text={text} conduct={conduct} />
        <Typography.Text type="secondary">{t('how')}</Typography.Text>
      </Flex>
    </Card>
  );
}

/** A target as it is known without a directory. An outside number is not shown. */
function whoIs({ agent, line }: { agent?: string; line?: string }): string {
  return agent ?? line ?? '…';
}
