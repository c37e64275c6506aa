import { Button, Card, Drawer, List, Space, Tag } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { useMay } from '../session/context';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { LateWrapUp } from './LateWrapUp';
import { useTexts } from './texts';

/** The agent's calls that are over and not written up. */
export function OpenWrapUps({ agent }: { agent: Schema<'Agent'> }) {
  const t = useTexts();
  const mayWrite = useMay('write_up_call');
  const [opened, setOpened] = useState<Schema<'OpenWrapUp'>>();
  const query = { agent: agent.id, limit: 20 };
  const open = api.useQuery('get', '/api/v1/wrap-ups', { params: { query } }, { enabled: mayWrite });
  if (!mayWrite) return null;
  const close = () => {
    setOpened(undefined);
    void open.refetch();
  };
  return (
    <Card size="small" title={t('openWrapUps')}>
      <Loaded query={open}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('noOpenWrapUps')} />
          ) : (
            <List
              size="small"
              dataSource={items}
              rowKey="call"
              renderItem={(call) => (
                <List.Item
                  actions={[
                    <Button key="open" size="small" onClick={() => setOpened(call)}>
                      {t('writeUp')}
                    </Button>,
                  ]}
                >
                  <Space wrap>
                    <Time at={call.ended_at} />
                    {call.line ? <Tag>{call.line}</Tag> : null}
                    {call.lacks_purpose ? <Tag color="warning">{t('lacksPurpose')}</Tag> : null}
                    {call.lacks_outcome ? <Tag color="warning">{t('lacksOutcome')}</Tag> : null}
                  </Space>
                </List.Item>
              )}
            />
          )
        }
      </Loaded>
      <Drawer open={opened !== undefined} title={t('writeUp')} onClose={close} size={520} destroyOnHidden>
        {opened?.line ? <LateWrapUp key={opened.call} call={opened.call} line={opened.line} agent={agent} /> : null}
      </Drawer>
    </Card>
  );
}
