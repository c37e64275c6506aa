import { Card, Flex, Table, Tag, type TableColumnsType } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { Time } from '../time/Time';
import { Guide } from './Guide';
import { useTexts } from './texts';

type Phone = Schema<'Phone'>;

/** Registrations come and go without an event of their own. */
const LOOK_EVERY_MS = 5_000;

/** Which phones are registered, and how another one gets there. */
export default function PhonesPage() {
  const t = useTexts();
  const phones = api.useQuery('get', '/api/v1/phones', {}, { refetchInterval: LOOK_EVERY_MS });
  const columns: TableColumnsType<Phone> = [
    { title: t('extension'), dataIndex: 'extension' },
    { title: t('make'), render: (_, { user_agent }) => user_agent ?? t('unknown') },
    { title: t('address'), render: (_, { address }) => <span className="figures">{address}</span> },
    {
      title: t('transport'),
      render: (_, { transport, behind_nat }) => (
        <>
          {transport.toUpperCase()} {behind_nat ? <Tag>{t('nat')}</Tag> : null}
        </>
      ),
    },
    {
      title: t('state'),
      render: (_, { reachable }) =>
        reachable ? <Tag color="success">{t('reachable')}</Tag> : <Tag color="error">{t('unreachable')}</Tag>,
    },
    { title: t('registeredAt'), render: (_, phone) => <Time at={phone.registered_at} /> },
    { title: t('expiresAt'), render: (_, phone) => <Time at={phone.expires_at} /> },
  ];
  return (
    <Flex vertical gap={16}>
      <PageTitle>{t('title')}</PageTitle>
      <Loaded query={phones}>
        {({ phones: registered, listeners }) => (
          <>
            <Card title={t('registered', { count: registered.length })}>
              {registered.length === 0 ? (
                <Empty title={t('empty')} advice={t('emptyAdvice')} />
              ) : (
                <Table
                  rowKey={({ extension, address }) => `${extension} ${address}`}
                  size="small"
                  columns={columns}
                  dataSource={registered}
                  pagination={{ defaultPageSize: 50, hideOnSinglePage: true }}
                  scroll={{ x: 'max-content' }}
                />
              )}
            </Card>
            <Guide listeners={listeners} />
          </>
        )}
      </Loaded>
    </Flex>
  );
}
