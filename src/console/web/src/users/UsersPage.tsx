import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Input, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { useMay } from '../session/context';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { Time } from '../time/Time';
import { AddUser } from './AddUser';
import { ChangeUser } from './ChangeUser';
import { RoleTags } from './RoleTags';
import { useTexts } from './texts';

type User = Schema<'User'>;

/** Who may use the console and the API, and as what. */
export default function UsersPage() {
  const t = useTexts();
  const mayKeep = useMay('keep_users');
  const users = api.useQuery('get', '/api/v1/users');
  const [search, setSearch] = useState('');
  const [isAdding, setAdding] = useState(false);
  const [changed, setChanged] = useState<string>();

  const columns: TableColumnsType<User> = [
    {
      title: t('name'),
      dataIndex: 'name',
      sorter: (one, other) => one.name.localeCompare(other.name),
      defaultSortOrder: 'ascend',
    },
    { title: t('roles'), render: (_, { roles }) => <RoleTags roles={roles} /> },
    { title: t('extension'), dataIndex: 'extension' },
    {
      title: t('state'),
      render: (_, { disabled }) =>
        disabled ? <Tag color="error">{t('disabled')}</Tag> : <Tag color="success">{t('active')}</Tag>,
    },
    { title: t('createdAt'), render: (_, user) => <Time at={user.created_at} /> },
    { title: t('passwordAt'), render: (_, user) => <Time at={user.password_at} /> },
    ...(mayKeep
      ? [
          {
            title: t('action'),
            render: (_: unknown, { name }: User) => (
              <Button size="small" onClick={() => setChanged(name)} aria-label={t('changeOne', { name })}>
                {t('change')}
              </Button>
            ),
          },
        ]
      : []),
  ];
  const fits = ({ name, extension }: User) =>
    `${name} ${extension ?? ''}`.toLowerCase().includes(search.trim().toLowerCase());
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <>
            <Input.Search
              allowClear
              placeholder={t('search')}
              aria-label={t('search')}
              onChange={({ target }) => setSearch(target.value)}
              style={{ width: 220 }}
            />
            {mayKeep ? (
              <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
                {t('add')}
              </Button>
            ) : null}
          </>
        }
      >
        {t('title')}
      </PageTitle>
      <Loaded query={users}>
        {({ items }) => (
          <>
            <Table
              rowKey="name"
              size="middle"
              columns={columns}
              dataSource={items.filter(fits)}
              pagination={{ defaultPageSize: 50, hideOnSinglePage: true }}
              scroll={{ x: 'max-content' }}
            />
            <ChangeUser user={items.find(({ name }) => name === changed)} onClose={() => setChanged(undefined)} />
          </>
        )}
      </Loaded>
      <AddUser isOpen={isAdding} onClose={() => setAdding(false)} />
    </Flex>
  );
}
