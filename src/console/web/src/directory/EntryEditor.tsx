import { useQueryClient } from '@tanstack/react-query';
import { App, AutoComplete, Button, Flex, Form, Input, Popconfirm, Segmented, Select } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { EntrySelect } from './EntrySelect';
import { KeptVersions } from './KeptVersions';
import { type NewEntry, departmentsOf, entryOf, writtenEntry } from './documents';
import { useTexts } from './texts';

type Entry = Schema<'DirectoryEntry'>;

const KINDS = ['person', 'department', 'outside'] as const;

interface Props {
  /** What is changed, or what a new entry begins with. */
  entry: Partial<Entry>;
  entries: readonly Entry[];
  onDone: () => void;
}

/** Writes down whom one can reach, and when (R112). */
export function EntryEditor({ entry, entries, onDone }: Props) {
  const t = useTexts();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<NewEntry & { why?: string }>();
  const onSuccess = () => {
    void message.success(t('saved'));
    onDone();
    return queries.invalidateQueries({ queryKey: ['get', '/api/v1/directory'] });
  };
  const add = api.useMutation('post', '/api/v1/directory', { onSuccess });
  const change = api.useMutation('put', '/api/v1/directory/{id}', { onSuccess });
  const remove = api.useMutation('delete', '/api/v1/directory/{id}', { onSuccess });
  const { id, version } = entry;
  const save = ({ why, ...said }: NewEntry & { why?: string }) => {
    const written = writtenEntry(said);
    if (id == null || version == null) return add.mutate({ body: written });
    const reason = why?.trim() ? { reason: why.trim() } : {};
    change.mutate({ params: { path: { id } }, body: { base: version, entry: written, ...reason } });
  };
  const agents = api.useQuery('get', '/api/v1/agents');
  const lines = api.useQuery('get', '/api/v1/lines');
  const departments = departmentsOf(entries).map((value) => ({ value }));
  return (
    <Flex vertical gap={16}>
      <Form form={form} layout="vertical" initialValues={entryOf(entry)} onFinish={save}>
        <ProblemAlert error={add.error ?? change.error ?? remove.error} />
        <Form.Item name="kind" label={t('kind')}>
          <Segmented options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} />
        </Form.Item>
        <Form.Item name="name" label={t('name')} rules={[{ required: true, whitespace: true, message: t('nameNeeded') }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="department" label={t('department')}>
          <AutoComplete allowClear options={departments} showSearch={{ filterOption: true }} />
        </Form.Item>
        <Form.Item name="function" label={t('function')}>
          <Input maxLength={100} placeholder={t('functionExample')} />
        </Form.Item>
        <Form.Item name="agent" label={t('agent')} extra={t('agentAdvice')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            options={agents.data?.items.map(({ id, name }) => ({ value: id, label: `${id} ${name}` })) ?? []}
          />
        </Form.Item>
        <Form.Item name="line" label={t('line')}>
          <Select allowClear showSearch options={lines.data?.items.map(({ id }) => ({ value: id, label: id })) ?? []} />
        </Form.Item>
        <Form.Item name="number" label={t('number')} rules={[{ pattern: NUMBER, message: t('numberWrong') }]}>
          <Input maxLength={30} inputMode="tel" />
        </Form.Item>
        <Form.Item name="mobile" label={t('mobile')} rules={[{ pattern: NUMBER, message: t('numberWrong') }]}>
          <Input maxLength={30} inputMode="tel" />
        </Form.Item>
        <Form.Item name="hours" label={t('hours')} extra={t('hoursAdvice')}>
          <Select mode="tags" open={false} suffix={null} tokenSeparators={[';', '；']} />
        </Form.Item>
        <Form.Item name="substitute" label={t('substitute')}>
          <EntrySelect />
        </Form.Item>
        <Form.Item name="leader" label={t('leader')}>
          <EntrySelect />
        </Form.Item>
        <Form.Item name="initials" label={t('initials')} extra={t('initialsAdvice')}>
          <Input maxLength={20} />
        </Form.Item>
        <Form.Item name="note" label={t('note')}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
        {id == null ? null : (
          <Form.Item name="why" label={t('reason')}>
            <Input maxLength={200} />
          </Form.Item>
        )}
        <Flex gap={8}>
          <Button type="primary" htmlType="submit" loading={add.isPending || change.isPending}>
            {t('save')}
          </Button>
          {id != null && version != null ? (
            <Popconfirm
              title={t('removeAsk', { name: entry.name ?? '' })}
              description={t('removeAdvice')}
              onConfirm={() => remove.mutate({ params: { path: { id }, query: { base: version } } })}
            >
              <Button danger loading={remove.isPending}>
                {t('remove')}
              </Button>
            </Popconfirm>
          ) : null}
        </Flex>
      </Form>
      {id == null ? null : <KeptVersions path="/api/v1/directory/{id}/versions" id={id} />}
    </Flex>
  );
}

/** What somebody dials, in groups or not. */
const NUMBER = /^\+?[\d\s()*#-]{2,}$/;
