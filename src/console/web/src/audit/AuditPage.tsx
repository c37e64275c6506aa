import { Button, Flex, Input, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';

import { api } from '../api/client';
import { BY_PAGE } from '../api/pages';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { PageTitle } from '../states/PageTitle';
import { PagedTable } from '../states/PagedTable';
import { Time } from '../time/Time';
import { useActionName } from './useActionName';
import { useTexts } from './texts';

type Entry = Schema<'AuditEntry'>;

const PAGE = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Who did what, the newest first. */
export default function AuditPage() {
  const t = useTexts();
  const actionName = useActionName();
  const [params, setParams] = useSearchParams();
  const call = params.get('call') ?? '';
  const [typed, setTyped] = useState(call);
  const isCall = UUID.test(call);
  const entries = api.useInfiniteQuery(
    'get',
    '/api/v1/audit',
    { params: { query: { limit: PAGE, ...(isCall ? { call } : {}) } } },
    BY_PAGE,
  );
  const columns: TableColumnsType<Entry> = [
    { title: t('at'), render: (_, { at }) => <Time at={at} /> },
    { title: t('actor'), dataIndex: 'actor' },
    { title: t('action'), render: (_, { action }) => actionName(action) },
    { title: t('detail'), render: (_, { detail }) => <Typography.Text>{detail ?? ''}</Typography.Text> },
    { title: t('purpose'), dataIndex: 'purpose' },
    {
      title: t('call'),
      render: (_, { call: about }) =>
        about ? (
          <Button type="link" size="small" className="mono" onClick={() => find(about)}>
            {about.slice(0, 13)}
          </Button>
        ) : null,
    },
  ];
  const find = (wanted: string) => {
    setTyped(wanted);
    setParams(wanted ? { call: wanted } : {});
  };
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <Input.Search
            allowClear
            value={typed}
            aria-label={t('byCall')}
            placeholder={t('byCall')}
            onChange={({ target }) => setTyped(target.value)}
            onSearch={(wanted) => find(wanted.trim())}
            {...(call && !isCall ? { status: 'error' as const } : {})}
            style={{ width: 340 }}
          />
        }
      >
        {t('title')}
      </PageTitle>
      <PagedTable query={entries} rowKey="id" columns={columns} empty={<Empty title={t('empty')} />} />
    </Flex>
  );
}
