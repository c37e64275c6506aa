import { PlusOutlined } from '@ant-design/icons';
import { Button, Drawer, Flex, Input, Table, Tag, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { MatterEditor } from './MatterEditor';
import { useTexts } from './texts';

type Matter = Schema<'Matter'>;

/** What callers want, which department answers for it, and who is asked first (R105). */
export default function MattersPage() {
  const t = useTexts();
  const [search, setSearch] = useState('');
  const [edited, setEdited] = useState<Partial<Matter>>();
  const matters = api.useQuery('get', '/api/v1/matters');
  const directory = api.useQuery('get', '/api/v1/directory');
  const names = new Map(directory.data?.items.map(({ id, name }) => [id, name]));
  const columns: TableColumnsType<Matter> = [
    {
      title: t('matter'),
      dataIndex: 'name',
      sorter: (one, other) => one.name.localeCompare(other.name),
      defaultSortOrder: 'ascend',
    },
    {
      title: t('answers'),
      render: (_, { department, out_of_scope }) => (
        <>
          {department} {out_of_scope ? <Tag color="warning">{t('outOfScope')}</Tag> : null}
        </>
      ),
    },
    // Whoever was removed meanwhile has no name any more.
    { title: t('contacts'), render: (_, { contacts }) => contacts.map((id) => names.get(id) ?? t('gone')).join(' → ') },
    {
      title: t('keywords'),
      render: (_, { keywords }) => (
        <Flex gap={4} wrap style={{ maxWidth: 260 }}>
          {keywords.map((word) => (
            <Tag key={word}>{word}</Tag>
          ))}
        </Flex>
      ),
    },
    { title: t('hours'), render: (_, { hours }) => hours.join(', ') || t('always') },
    {
      title: t('action'),
      render: (_, matter) => (
        <Button size="small" aria-label={t('changeOne', { name: matter.name })} onClick={() => setEdited(matter)}>
          {t('change')}
        </Button>
      ),
    },
  ];
  const wanted = search.trim().toLowerCase();
  const fits = ({ name, department, keywords }: Matter) =>
    [name, department, ...keywords].some((word) => word.toLowerCase().includes(wanted));
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <>
            <Input.Search
              allowClear
              aria-label={t('search')}
              placeholder={t('search')}
              onChange={({ target }) => setSearch(target.value)}
              style={{ width: 220 }}
            />
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEdited({})}>
              {t('addMatter')}
            </Button>
          </>
        }
      >
        {t('mattersTitle')}
      </PageTitle>
      <Typography.Text type="secondary">{t('mattersAdvice')}</Typography.Text>
      <Loaded query={matters}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <Empty title={t('noMatters')} advice={t('noMattersAdvice')} />
            ) : (
              <Table
                rowKey="id"
                size="middle"
                columns={columns}
                dataSource={items.filter(fits)}
                pagination={{ defaultPageSize: 50, hideOnSinglePage: true }}
                scroll={{ x: 'max-content' }}
              />
            )}
            <Drawer
              open={edited !== undefined}
              onClose={() => setEdited(undefined)}
              size={520}
              title={edited?.id === undefined ? t('addMatter') : t('changeOne', { name: edited.name ?? '' })}
              destroyOnHidden
            >
              {edited ? <MatterEditor matter={edited} matters={items} onDone={() => setEdited(undefined)} /> : null}
            </Drawer>
          </>
        )}
      </Loaded>
    </Flex>
  );
}
