import { Collapse, Table, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { useTexts } from './texts';

type Version = Schema<'KeptVersion'>;

interface Props {
  path: '/api/v1/directory/{id}/versions' | '/api/v1/matters/{id}/versions';
  id: string;
}

/** Every version of something that is kept: who wrote it, when, and what it said. */
export function KeptVersions(props: Props) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const items = [{ key: 'versions', label: t('versions'), children: isOpen ? <All {...props} /> : null }];
  return <Collapse onChange={(open) => setOpen(open.length > 0)} items={items} />;
}

function All({ path, id }: Props) {
  const t = useTexts();
  const versions = api.useQuery('get', path, { params: { path: { id } } });
  const columns: TableColumnsType<Version> = [
    { title: t('version'), dataIndex: 'version' },
    { title: t('by'), dataIndex: 'author' },
    { title: t('at'), render: (_, { at }) => <Time at={at} /> },
    { title: t('reason'), dataIndex: 'reason' },
  ];
  return (
    <Loaded query={versions}>
      {({ items }) => (
        <Table
          rowKey="version"
          size="small"
          columns={columns}
          dataSource={items.toReversed()}
          pagination={false}
          scroll={{ x: 'max-content' }}
          expandable={{
            columnTitle: <span className="unseen">{t('said')}</span>,
            expandedRowRender: ({ said }) => (
              <Typography.Text className="mono" style={{ whiteSpace: 'pre-wrap' }}>
                {said ? JSON.stringify(said, null, 2) : t('gone')}
              </Typography.Text>
            ),
          }}
        />
      )}
    </Loaded>
  );
}
