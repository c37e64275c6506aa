import { useQueryClient } from '@tanstack/react-query';
import { App, Select, Typography } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { useMay } from '../session/context';
import { Empty } from '../states/Empty';
import { HuntList } from './HuntList';
import { Panel } from './Panel';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';

const QUEUES = { queryKey: ['get', '/api/v1/queues'] };

interface Props {
  queues: readonly Schema<'Queue'>[];
  agents: readonly Schema<'Agent'>[];
  nameOf: NameOf;
}

/** In which order a queue's agents are rung; whoever leads the shift puts them into another one. */
export function Hunt({ queues, agents, nameOf }: Props) {
  const t = useTexts();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const mayOrder = useMay('set_agent');
  const [chosen, setChosen] = useState<string>();
  const put = api.useMutation('put', '/api/v1/queues/{id}/order', {
    // It is where it was dropped; that it counts is told in a moment.
    onMutate: ({ params, body }) => {
      queries.setQueriesData<{ items: Schema<'Queue'>[] }>(QUEUES, (page) => {
        const items = page?.items.map((queue) => (queue.id === params.path.id ? { ...queue, order: body.agents } : queue));
        return items && { ...page, items };
      });
    },
    onError: (error) => {
      const { title, advice } = problemText(error);
      void message.error(`${title} ${advice}`);
      return queries.invalidateQueries(QUEUES);
    },
  });
  const queue = queues.find(({ id }) => id === chosen) ?? queues.find(({ order }) => order.length > 1) ?? queues[0];
  const select = queue && queues.length > 1 ? (
    <Select
      size="small"
      showSearch
      aria-label={t('queue')}
      value={queue.id}
      options={queues.map(({ id }) => ({ value: id, label: id }))}
      onChange={setChosen}
      style={{ minWidth: 120 }}
    />
  ) : null;
  const stateOf = (id: string) => agents.find((agent) => agent.id === id)?.state;
  return (
    <Panel title={t('hunt')} note={select}>
      {queue === undefined ? <Empty title={t('noQueues')} /> : null}
      {queue?.order.length === 0 ? <Typography.Text type="secondary">{t('noHunt')}</Typography.Text> : null}
      {queue && queue.order.length > 0 ? (
        <HuntList
          key={queue.id}
          order={queue.order}
          nameOf={nameOf}
          stateOf={stateOf}
          onOrder={
            mayOrder && queue.order.length > 1
              ? (order) => put.mutate({ params: { path: { id: queue.id } }, body: { agents: order } })
              : undefined
          }
        />
      ) : null}
    </Panel>
  );
}
