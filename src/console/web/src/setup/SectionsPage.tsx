import { PlusOutlined } from '@ant-design/icons';
import { Button, Flex, Input, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { Time } from '../time/Time';
import { InEffect } from './InEffect';
import { SectionEditor } from './SectionEditor';
import type { KindName } from './kinds';
import { summaryOf } from './summaryOf';
import { useTexts } from './texts';

type Section = Schema<'SetupSection'>;

/** All sections of a kind: lines, say. */
export function SectionsPage({ kind }: { kind: KindName }) {
  const t = useTexts();
  const [search, setSearch] = useState('');
  // A section, or a new one where it is null.
  const [edited, setEdited] = useState<Section | null>();
  const sections = api.useQuery('get', '/api/v1/setup/{kind}', { params: { path: { kind } } });
  const columns: TableColumnsType<Section> = [
    {
      title: kind === 'agent' ? t('extension') : t('name'),
      dataIndex: 'name',
      sorter: (one, other) => one.name.localeCompare(other.name),
      defaultSortOrder: 'ascend',
    },
    { title: t('summary'), render: (_, { document }) => summaryOf(kind, document ?? {}) },
    {
      title: t('from'),
      render: (_, { version }) => (version === 0 ? <Tag>{t('file')}</Tag> : <Tag color="blue">{t('version', { version })}</Tag>),
    },
    { title: t('by'), dataIndex: 'by' },
    { title: t('at'), render: (_, { at }) => (at ? <Time at={at} /> : null) },
    {
      title: t('action'),
      render: (_, section) => (
        <Button size="small" aria-label={t('changeOne', { name: section.name })} onClick={() => setEdited(section)}>
          {t('change')}
        </Button>
      ),
    },
  ];
  const fits = ({ name, document }: Section) =>
    `${name} ${summaryOf(kind, document ?? {})}`.toLowerCase().includes(search.trim().toLowerCase());
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
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEdited(null)}>
              {t(`add.${kind}`)}
            </Button>
          </>
        }
      >
        {t(`title.${kind}`)}
      </PageTitle>
      <InEffect />
      <Loaded query={sections}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t(`empty.${kind}`)} advice={t(`emptyAdvice.${kind}`)} />
          ) : (
            <Table
              rowKey="name"
              size="middle"
              columns={columns}
              dataSource={items.filter(fits)}
              pagination={{ defaultPageSize: 50, hideOnSinglePage: true }}
              scroll={{ x: 'max-content' }}
            />
          )
        }
      </Loaded>
      <SectionEditor
        key={`${edited?.name ?? ''} ${edited?.version ?? ''}`}
        kind={kind}
        section={edited}
        onClose={() => setEdited(undefined)}
      />
    </Flex>
  );
}
