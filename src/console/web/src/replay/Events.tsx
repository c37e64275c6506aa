import { Table, Typography, type TableColumnsType } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { Time } from '../time/Time';
import { useTexts } from './texts';

type Event = Schema<'Event'>;

/** The log of a call: every event, as the service keeps it. */
export function Events({ call }: { call: string }) {
  const t = useTexts();
  const events = api.useQuery('get', '/api/v1/calls/{id}/events', { params: { path: { id: call } } });
  const columns: TableColumnsType<Event> = [
    { title: t('offset'), width: 90, render: (_, { offset_us }) => <span className="figures">{(offset_us / 1e6).toFixed(3)}</span> },
    { title: t('at'), width: 180, render: (_, { at }) => <Time at={at} /> },
    { title: t('event'), width: 180, render: (_, { kind }) => <span className="mono">{kind}</span> },
    {
      title: t('data'),
      render: (_, { data }) =>
        data == null ? null : (
          <Typography.Text className="mono" style={{ fontSize: 12, overflowWrap: 'anywhere' }}>
            {JSON.stringify(data)}
          </Typography.Text>
        ),
    },
  ];
  return (
    <Loaded query={events}>
      {({ items }) => <Table rowKey="id" size="small" columns={columns} dataSource={items} pagination={false} scroll={{ x: 800 }} />}
    </Loaded>
  );
}
