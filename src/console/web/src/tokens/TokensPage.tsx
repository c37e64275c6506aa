import { useQueryClient } from '@tanstack/react-query';
import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Popconfirm, Table, Tag, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { ProblemAlert } from '../states/ProblemAlert';
import { Time } from '../time/Time';
import { useNow } from '../time/now';
import { AddToken } from './AddToken';
import { ScopeTags } from './ScopeTags';
import { useTexts } from './texts';

type Token = Schema<'TokenView'>;

/** One's own tokens: what programs may do in one's name. */
export default function TokensPage() {
  const t = useTexts();
  const now = useNow();
  const queries = useQueryClient();
  const tokens = api.useQuery('get', '/api/v1/tokens');
  const [isAdding, setAdding] = useState(false);
  const revoke = api.useMutation('delete', '/api/v1/tokens/{id}', {
    onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/api/v1/tokens'] }),
  });
  const state = (token: Token) => {
    if (token.revoked_at) return <Tag color="error">{t('revoked')}</Tag>;
    if (Date.parse(token.expires_at) <= now) return <Tag>{t('expired')}</Tag>;
    return <Tag color="success">{t('valid')}</Tag>;
  };
  const columns: TableColumnsType<Token> = [
    { title: t('label'), dataIndex: 'label' },
    { title: t('scopes'), render: (_, { scopes }) => <ScopeTags scopes={scopes} /> },
    { title: t('state'), render: (_, token) => state(token) },
    { title: t('createdAt'), render: (_, token) => <Time at={token.created_at} /> },
    { title: t('expiresAt'), render: (_, token) => <Time at={token.expires_at} /> },
    { title: t('usedAt'), render: (_, { used_at }) => (used_at ? <Time at={used_at} /> : t('never')) },
    {
      title: t('action'),
      render: (_, { id, label, revoked_at }) =>
        revoked_at ? null : (
          <Popconfirm title={t('revokeAsk', { label })} onConfirm={() => revoke.mutate({ params: { path: { id } } })}>
            <Button size="small" danger aria-label={t('revokeOne', { label })}>
              {t('revoke')}
            </Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t('add')}
          </Button>
        }
      >
        {t('title')}
      </PageTitle>
      <Typography.Text type="secondary">{t('advice')}</Typography.Text>
      <ProblemAlert error={revoke.error} />
      <Loaded query={tokens}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('empty')} advice={t('emptyAdvice')} />
          ) : (
            <Table rowKey="id" size="small" columns={columns} dataSource={items} pagination={false} scroll={{ x: 'max-content' }} />
          )
        }
      </Loaded>
      <AddToken isOpen={isAdding} onClose={() => setAdding(false)} />
    </Flex>
  );
}
