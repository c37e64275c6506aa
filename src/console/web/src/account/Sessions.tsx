import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Card, Table, Tag, type TableColumnsType } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { programOf } from './programOf';
import { useTexts } from './texts';

type Session = Schema<'SessionView'>;

/** Where one is logged in; each of these can be ended. */
export function Sessions() {
  const t = useTexts();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const sessions = api.useQuery('get', '/api/v1/sessions');
  const end = api.useMutation('delete', '/api/v1/sessions/{id}', {
    onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/api/v1/sessions'] }),
    onError: (error) => message.error(problemText(error).title),
  });
  const columns: TableColumnsType<Session> = [
    { title: t('program'), render: (_, session) => programOf(session.user_agent) ?? t('unknown') },
    { title: t('source'), dataIndex: 'source' },
    { title: t('begun'), render: (_, session) => <Time at={session.created_at} /> },
    { title: t('seen'), render: (_, session) => <Time at={session.seen_at} /> },
    {
      title: t('action'),
      render: (_, { id, current }) =>
        current ? (
          <Tag color="success">{t('current')}</Tag>
        ) : (
          <Button size="small" danger onClick={() => end.mutate({ params: { path: { id } } })}>
            {t('end')}
          </Button>
        ),
    },
  ];
  return (
    <Card title={t('sessions')}>
      <Loaded query={sessions}>
        {({ items }) => (
          <Table
            rowKey="id"
            size="small"
            columns={columns}
            dataSource={items}
            pagination={false}
            scroll={{ x: 'max-content' }}
          />
        )}
      </Loaded>
    </Card>
  );
}
