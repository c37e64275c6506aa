import { PlusOutlined } from '@ant-design/icons';
import { Button, Drawer, Flex, Input, Segmented, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { EntryEditor } from './EntryEditor';
import { useTexts } from './texts';

type Entry = Schema<'DirectoryEntry'>;

const KINDS = ['all', 'person', 'department', 'outside'] as const;

/** Departments, people and others who can be reached (R112, R113). */
export default function DirectoryPage() {
  const t = useTexts();
  const [search, setSearch] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]>('all');
  const [edited, setEdited] = useState<Partial<Entry>>();
  const directory = api.useQuery('get', '/api/v1/directory');
  const kindOf = (word: string) => {
    const known = KINDS.find((name) => name === word);
    return known ? t(`kind.${known}`) : word;
  };
  const columns: TableColumnsType<Entry> = [
    {
      title: t('name'),
      dataIndex: 'name',
      sorter: (one, other) => one.name.localeCompare(other.name),
      defaultSortOrder: 'ascend',
    },
    { title: t('kind'), render: (_, entry) => <Tag>{kindOf(entry.kind)}</Tag> },
    { title: t('department'), dataIndex: 'department' },
    { title: t('function'), dataIndex: 'function' },
    { title: t('reached'), render: (_, entry) => <span className="figures">{reachOf(entry)}</span> },
    { title: t('hours'), render: (_, { hours }) => hours.join(', ') || t('always') },
    {
      title: t('action'),
      render: (_, entry) => (
        <Button
          size="small"
          aria-label={t(entry.id == null ? 'writeDownOne' : 'changeOne', { name: entry.name })}
          onClick={() => setEdited(entry)}
        >
          {entry.id == null ? t('writeDown') : t('change')}
        </Button>
      ),
    },
  ];
  const wanted = search.trim().toLowerCase();
  const fits = (entry: Entry) =>
    (kind === 'all' || entry.kind === kind) &&
    [entry.name, entry.department, entry.function, reachOf(entry)].some((word) => word?.toLowerCase().includes(wanted));
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <>
            <Segmented
              aria-label={t('kind')}
              value={kind}
              onChange={setKind}
              options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            />
            <Input.Search
              allowClear
              aria-label={t('search')}
              placeholder={t('search')}
              onChange={({ target }) => setSearch(target.value)}
              style={{ width: 220 }}
            />
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEdited({})}>
              {t('add')}
            </Button>
          </>
        }
      >
        {t('title')}
      </PageTitle>
      <Loaded query={directory}>
        {({ items }) => (
          <>
            {items.length === 0 ? (
              <Empty title={t('empty')} advice={t('emptyAdvice')} />
            ) : (
              <Table
                rowKey={({ id, agent, line }) => id ?? `${agent ?? ''} ${line ?? ''}`}
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
              title={edited?.id == null ? t('add') : t('changeOne', { name: edited.name ?? '' })}
              destroyOnHidden
            >
              {edited ? <EntryEditor entry={edited} entries={items} onDone={() => setEdited(undefined)} /> : null}
            </Drawer>
          </>
        )}
      </Loaded>
    </Flex>
  );
}

/** By what an entry is reached: an agent's phone, a line, a number. */
function reachOf({ agent, line, number, mobile }: Entry): string {
  return [agent, line, number, mobile].filter(Boolean).join(' · ');
}
