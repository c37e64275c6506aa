import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Flex, Segmented, Tag, Tooltip, Typography, type TableColumnsType } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import { BY_PAGE } from '../api/pages';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Empty } from '../states/Empty';
import { PageTitle } from '../states/PageTitle';
import { PagedTable } from '../states/PagedTable';
import { Time } from '../time/Time';
import { useTexts } from './texts';

type Delivery = Schema<'Delivery'>;

const STATES = ['all', 'waiting', 'delivered', 'failed'] as const;
const COLOURS = { waiting: 'processing', delivered: 'success', failed: 'error' } as const;
const PAGE = 100;
/** Deliveries come and go without an event of their own. */
const LOOK_EVERY_MS = 5_000;

/** What other programs were told, and what came of it. */
export default function WebhooksPage() {
  const t = useTexts();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const [state, setState] = useState<(typeof STATES)[number]>('all');
  const deliveries = api.useInfiniteQuery(
    'get',
    '/api/v1/deliveries',
    { params: { query: { limit: PAGE, ...(state === 'all' ? {} : { state }) } } },
    { ...BY_PAGE, refetchInterval: LOOK_EVERY_MS },
  );
  const replay = api.useMutation('post', '/api/v1/deliveries/{id}/replay', {
    onSuccess: () => {
      void message.success(t('replayed'));
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/deliveries'] });
    },
    onError: (error) => void message.error(problemText(error).title),
  });
  const columns: TableColumnsType<Delivery> = [
    { title: t('createdAt'), render: (_, delivery) => <Time at={delivery.created_at} /> },
    { title: t('endpoint'), dataIndex: 'endpoint' },
    { title: t('kind'), dataIndex: 'kind', className: 'mono' },
    { title: t('state'), render: (_, delivery) => <State state={delivery.state} /> },
    { title: t('tries'), dataIndex: 'tries', align: 'right' },
    { title: t('status'), dataIndex: 'status', align: 'right' },
    {
      title: t('error'),
      render: (_, { error }) =>
        error ? (
          <Tooltip title={error}>
            <Typography.Text ellipsis style={{ maxWidth: 260 }}>
              {error}
            </Typography.Text>
          </Tooltip>
        ) : null,
    },
    {
      title: t('next'),
      render: (_, delivery) => (delivery.ended_at ? <Time at={delivery.ended_at} /> : <Time at={delivery.due_at} />),
    },
    {
      title: t('action'),
      render: (_, { id, state: was }) =>
        was === 'waiting' ? null : (
          <Button size="small" onClick={() => replay.mutate({ params: { path: { id } } })}>
            {t('replay')}
          </Button>
        ),
    },
  ];
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <Segmented
            aria-label={t('state')}
            value={state}
            onChange={setState}
            options={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
          />
        }
      >
        {t('title')}
      </PageTitle>
      <Typography.Text type="secondary">{t('advice')}</Typography.Text>
      <PagedTable
        query={deliveries}
        rowKey="id"
        columns={columns}
        empty={<Empty title={t('empty')} advice={t('emptyAdvice')} />}
      />
    </Flex>
  );
}

function State({ state }: { state: string }) {
  const t = useTexts();
  const known = STATES.find((name) => name === state);
  if (!known || known === 'all') return <Tag>{state}</Tag>;
  return <Tag color={COLOURS[known]}>{t(`state.${known}`)}</Tag>;
}
