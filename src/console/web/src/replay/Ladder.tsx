import { DownloadOutlined } from '@ant-design/icons';
import { Button, Drawer, Flex, Typography } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Rungs } from './Rungs';
import styles from './replay.module.css';
import { useTexts } from './texts';

type Message = Schema<'TraceMessage'>;

/** The SIP messages of a call as a ladder: us in the middle, a column for each peer. */
export function Ladder({ call }: { call: string }) {
  const t = useTexts();
  const trace = api.useQuery('get', '/api/v1/calls/{id}/trace', { params: { path: { id: call } } });
  const [shown, setShown] = useState<Message>();
  return (
    <Loaded query={trace}>
      {({ kept, messages, peers }) =>
        messages.length === 0 ? (
          <Empty title={t('noTrace')} advice={kept ? t('noTraceAdvice') : t('traceOff')} />
        ) : (
          <Flex vertical gap={8}>
            <Flex justify="space-between" align="center" gap={8} wrap>
              <Typography.Text type="secondary">{t('traceMasked')}</Typography.Text>
              <Button icon={<DownloadOutlined />} href={`/api/v1/calls/${call}/trace/pcap`} download={`${call}.pcap`}>
                {t('pcap')}
              </Button>
            </Flex>
            <Rungs peers={peers} messages={messages} onShow={setShown} />
            <Drawer
              title={shown ? t('message', { n: shown.n, what: shown.what }) : ''}
              open={shown !== undefined}
              onClose={() => setShown(undefined)}
              size={720}
            >
              <pre className={`mono ${styles.message}`} tabIndex={0}>
                {shown?.text}
              </pre>
            </Drawer>
          </Flex>
        )
      }
    </Loaded>
  );
}
