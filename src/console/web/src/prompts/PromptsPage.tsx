import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Flex, Popconfirm, Table, Tag, Typography, type TableColumnsType } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { ProblemAlert } from '../states/ProblemAlert';
import { Time } from '../time/Time';
import { RecordPrompt } from './RecordPrompt';
import { UploadPrompt } from './UploadPrompt';
import { useTexts } from './texts';

type Prompt = Schema<'Prompt'>;

/** Lines that are named; of more than that their number is told. */
const SHOWN = 8;

/** What lines play: listed, listened to, sent, taken away. */
export default function PromptsPage() {
  const t = useTexts();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const prompts = api.useQuery('get', '/api/v1/prompts');
  const remove = api.useMutation('delete', '/api/v1/prompts/{name}', {
    onSuccess: () => {
      void message.success(t('removed'));
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/prompts'] });
    },
  });
  const columns: TableColumnsType<Prompt> = [
    { title: t('name'), dataIndex: 'name', sorter: (one, other) => one.name.localeCompare(other.name) },
    {
      title: t('listen'),
      render: (_, { name, written_at }) => (
        // A prompt that was replaced is another one: its address says so.
        <audio
          controls
          preload="none"
          src={`/api/v1/prompts/${encodeURIComponent(name)}/audio?${encodeURIComponent(written_at)}`}
          aria-label={name}
          style={{ height: 32, width: 240 }}
        />
      ),
    },
    {
      title: t('lines'),
      render: (_, { lines }) => (
        <Flex gap={4} wrap style={{ maxWidth: 260 }}>
          {lines.slice(0, SHOWN).map((line) => (
            <Tag key={line}>{line}</Tag>
          ))}
          {lines.length > SHOWN ? <Tag title={lines.join(', ')}>{t('more', { count: lines.length - SHOWN })}</Tag> : null}
        </Flex>
      ),
    },
    { title: t('size'), align: 'right', render: (_, { size_bytes }) => t('kb', { kb: Math.ceil(size_bytes / 1024) }) },
    { title: t('writtenAt'), render: (_, { written_at }) => <Time at={written_at} /> },
    {
      title: t('action'),
      render: (_, { name, lines }) =>
        lines.length > 0 ? (
          <Typography.Text type="secondary">{t('used')}</Typography.Text>
        ) : (
          <Popconfirm title={t('removeAsk', { name })} onConfirm={() => remove.mutate({ params: { path: { name } } })}>
            <Button size="small" danger aria-label={t('removeOne', { name })}>
              {t('remove')}
            </Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <>
            <RecordPrompt />
            <UploadPrompt />
          </>
        }
      >
        {t('title')}
      </PageTitle>
      <Typography.Text type="secondary">{t('advice')}</Typography.Text>
      <ProblemAlert error={remove.error} />
      <Loaded query={prompts}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('empty')} advice={t('advice')} />
          ) : (
            <Table
              rowKey="name"
              size="small"
              columns={columns}
              dataSource={items}
              pagination={{ defaultPageSize: 50, hideOnSinglePage: true }}
              scroll={{ x: 'max-content' }}
            />
          )
        }
      </Loaded>
    </Flex>
  );
}
