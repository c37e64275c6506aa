import { useQueryClient } from '@tanstack/react-query';
import { App, AutoComplete, Button, Flex, Form, Input, Popconfirm, Select, Switch } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { nameOf } from '../note/codes';
import { usePreferences } from '../preferences/context';
import { ProblemAlert } from '../states/ProblemAlert';
import { EntrySelect } from './EntrySelect';
import { KeptVersions } from './KeptVersions';
import { type NewMatter, departmentsOf, matterOf, writtenMatter } from './documents';
import { useTexts } from './texts';

type Matter = Schema<'Matter'>;

interface Props {
  matter: Partial<Matter>;
  matters: readonly Matter[];
  onDone: () => void;
}

/** Writes down who answers for something that callers want (R105, R107). */
export function MatterEditor({ matter, matters, onDone }: Props) {
  const t = useTexts();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const onSuccess = () => {
    void message.success(t('saved'));
    onDone();
    return queries.invalidateQueries({ queryKey: ['get', '/api/v1/matters'] });
  };
  const add = api.useMutation('post', '/api/v1/matters', { onSuccess });
  const change = api.useMutation('put', '/api/v1/matters/{id}', { onSuccess });
  const remove = api.useMutation('delete', '/api/v1/matters/{id}', { onSuccess });
  const { id, version } = matter;
  const save = ({ why, ...said }: NewMatter & { why?: string }) => {
    const written = writtenMatter(said);
    if (id === undefined || version === undefined) return add.mutate({ body: written });
    const reason = why?.trim() ? { reason: why.trim() } : {};
    change.mutate({ params: { path: { id } }, body: { base: version, matter: written, ...reason } });
  };
  const directory = api.useQuery('get', '/api/v1/directory');
  const { language } = usePreferences();
  const lines = api.useQuery('get', '/api/v1/lines');
  const names = new Map(lines.data?.items.flatMap(({ purposes }) => purposes.map((one) => [one.code, nameOf(one, language)] as const)));
  const purposes = [...names].map(([value, name]) => ({ value, label: `${name} ${value}` }));
  const departments = departmentsOf(directory.data?.items ?? [], matters).map((value) => ({ value }));
  return (
    <Flex vertical gap={16}>
      <Form layout="vertical" initialValues={matterOf(matter)} onFinish={save}>
        <ProblemAlert error={add.error ?? change.error ?? remove.error} />
        <Form.Item
          name="name"
          label={t('matter')}
          rules={[{ required: true, whitespace: true, message: t('nameNeeded') }]}
        >
          <Input maxLength={100} placeholder={t('matterExample')} />
        </Form.Item>
        <Form.Item
          name="department"
          label={t('answers')}
          rules={[{ required: true, whitespace: true, message: t('departmentNeeded') }]}
        >
          <AutoComplete allowClear options={departments} showSearch={{ filterOption: true }} />
        </Form.Item>
        <Form.Item name="contacts" label={t('contacts')} extra={t('contactsAdvice')}>
          <EntrySelect isMultiple />
        </Form.Item>
        <Form.Item name="substitute" label={t('substituteOfAll')}>
          <EntrySelect />
        </Form.Item>
        <Form.Item name="purposes" label={t('purposes')}>
          <Select mode="tags" options={purposes} showSearch={{ optionFilterProp: 'label' }} tokenSeparators={[',', '，']} />
        </Form.Item>
        <Form.Item name="keywords" label={t('keywords')} extra={t('keywordsAdvice')}>
          <Select mode="tags" open={false} suffix={null} tokenSeparators={[' ', ',', '，', '、']} />
        </Form.Item>
        <Form.Item name="hours" label={t('hours')} extra={t('hoursAdvice')}>
          <Select mode="tags" open={false} suffix={null} tokenSeparators={[';', '；']} />
        </Form.Item>
        <Form.Item name="out_of_scope" label={t('outOfScope')} valuePropName="checked" extra={t('outOfScopeAdvice')}>
          <Switch />
        </Form.Item>
        <Form.Item name="say" label={t('say')}>
          <Input.TextArea rows={3} maxLength={1000} />
        </Form.Item>
        {id === undefined ? null : (
          <Form.Item name="why" label={t('reason')}>
            <Input maxLength={200} />
          </Form.Item>
        )}
        <Flex gap={8}>
          <Button type="primary" htmlType="submit" loading={add.isPending || change.isPending}>
            {t('save')}
          </Button>
          {id !== undefined && version !== undefined ? (
            <Popconfirm
              title={t('removeAsk', { name: matter.name ?? '' })}
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
      {id === undefined ? null : <KeptVersions path="/api/v1/matters/{id}/versions" id={id} />}
    </Flex>
  );
}
