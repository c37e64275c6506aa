import { Alert, Card, Flex, Select, Table, Typography } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { partsOf } from './address';
import { MAKES, type Value } from './makes';
import { useTexts } from './texts';

/** What to type into a phone, by its make. */
export function Guide({ listeners }: { listeners: Schema<'Listener'>[] }) {
  const t = useTexts();
  const [makeName, setMake] = useState(MAKES[0]?.name);
  const [at, setAt] = useState(0);
  const [extension, setExtension] = useState<string>();
  const agents = api.useQuery('get', '/api/v1/agents');
  const make = MAKES.find(({ name }) => name === makeName);
  const listener = listeners[at];
  if (!make || !listener) return null;

  const agent = agents.data?.items.find(({ id }) => id === extension);
  const { host, port } = partsOf(listener.address);
  const values: Record<Value, string> = {
    extension: extension ?? t('ofTheAgent'),
    name: agent?.name ?? t('ofTheAgent'),
    password: t('password'),
    host,
    port,
    server: listener.address,
    transport: listener.transport.toUpperCase(),
    on: t('on'),
  };
  const isCopyable = (value: Value) =>
    ['host', 'port', 'server'].includes(value) || (value === 'extension' && extension !== undefined);
  return (
    <Card title={t('guide')}>
      <Flex vertical gap={16}>
        <Flex gap={12} wrap>
          <Select
            aria-label={t('make')}
            value={makeName}
            onChange={setMake}
            options={MAKES.map(({ name }) => ({ value: name, label: name }))}
            style={{ width: 180 }}
          />
          <Select
            aria-label={t('agent')}
            placeholder={t('agent')}
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            value={extension ?? null}
            onChange={(chosen: string | undefined) => setExtension(chosen)}
            options={agents.data?.items.map(({ id, name }) => ({ value: id, label: `${id} ${name}` })) ?? []}
            style={{ width: 220 }}
          />
          <Select
            aria-label={t('listener')}
            value={at}
            onChange={setAt}
            options={listeners.map(({ transport, address }, n) => ({
              value: n,
              label: `${transport.toUpperCase()} ${address}`,
            }))}
            style={{ minWidth: 220 }}
          />
        </Flex>
        <Typography.Text>
          {t('menu')} <Typography.Text strong>{make.menu}</Typography.Text>
        </Typography.Text>
        <Table
          size="small"
          pagination={false}
          rowKey="label"
          columns={[
            { title: t('field'), dataIndex: 'label' },
            {
              title: t('value'),
              render: (_, { value }: { label: string; value: Value }) =>
                isCopyable(value) ? (
                  <Typography.Text copyable className="figures">
                    {values[value]}
                  </Typography.Text>
                ) : (
                  values[value]
                ),
            },
          ]}
          dataSource={make.fields.map(([label, value]) => ({ label, value }))}
        />
        <Alert
          type="info"
          showIcon
          title={t('also')}
          description={
            <ul style={{ margin: 0, paddingInlineStart: 20 }}>
              <li>{t('codecs')}</li>
              <li>{t('keys')}</li>
              <li>{t('digest', { digest: listener.digest.join(', ') })}</li>
              <li>{t('talk')}</li>
            </ul>
          }
        />
      </Flex>
    </Card>
  );
}
