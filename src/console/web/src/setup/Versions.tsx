import { Button, Collapse, Flex, Popconfirm, Table, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { ProblemAlert } from '../states/ProblemAlert';
import { Time } from '../time/Time';
import type { KindName } from './kinds';
import { useTexts } from './texts';

type Section = Schema<'SetupSection'>;

/** Every version of a section; an older one can be set up again. */
export function Versions({
  kind,
  name,
  version,
  onRestored,
}: {
  kind: KindName;
  name: string;
  version: number;
  onRestored: () => void;
}) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <Collapse
      onChange={(open) => setOpen(open.length > 0)}
      items={[
        {
          key: 'versions',
          label: t('versions'),
          children: isOpen ? <All kind={kind} name={name} version={version} onRestored={onRestored} /> : null,
        },
      ]}
    />
  );
}

function All({ kind, name, version, onRestored }: { kind: KindName; name: string; version: number; onRestored: () => void }) {
  const t = useTexts();
  const path = { kind, name };
  const versions = api.useQuery('get', '/api/v1/setup/{kind}/{name}/versions', { params: { path } });
  const restore = api.useMutation('post', '/api/v1/setup/{kind}/{name}/restore', { onSuccess: onRestored });
  const header = { 'If-Match': `"${version}"` };
  const columns: TableColumnsType<Section> = [
    { title: t('from'), render: (_, one) => (one.version === 0 ? t('file') : t('version', { version: one.version })) },
    { title: t('by'), dataIndex: 'by' },
    { title: t('at'), render: (_, { at }) => (at ? <Time at={at} /> : null) },
    { title: t('reason'), dataIndex: 'reason' },
    {
      title: t('action'),
      render: (_, one) =>
        one.version === version || !one.document ? null : (
          <Popconfirm
            title={t('restoreAsk', { version: one.version })}
            onConfirm={() => restore.mutate({ params: { path, header }, body: { version: one.version, reason: '' } })}
          >
            <Button size="small">{t('restore')}</Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <Flex vertical gap={8}>
      <ProblemAlert error={restore.error} />
      <Loaded query={versions}>
        {({ items }) => (
          <Table
            rowKey="version"
            size="small"
            columns={columns}
            dataSource={items}
            pagination={false}
            scroll={{ x: 'max-content' }}
            expandable={{
              columnTitle: <span className="unseen">{t('summary')}</span>,
              expandedRowRender: ({ document }) => (
                <Typography.Text className="mono" style={{ whiteSpace: 'pre-wrap' }}>
                  {document ? JSON.stringify(document, null, 2) : t('takenOut')}
                </Typography.Text>
              ),
            }}
          />
        )}
      </Loaded>
    </Flex>
  );
}
