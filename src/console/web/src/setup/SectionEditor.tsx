import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Flex, Form, Input, Popconfirm } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { KeyField } from './KeyField';
import { Versions } from './Versions';
import { type Document, apart, readRest, together } from './document';
import { KINDS, type KindName } from './kinds';
import { useTexts } from './texts';

interface Values {
  name: string;
  fields: Document;
  rest: string;
  reason: string;
}

/** A section to change, or a new one where it is null; closed without either. */
export function SectionEditor({
  kind,
  section,
  onClose,
}: {
  kind: KindName;
  section: Schema<'SetupSection'> | null | undefined;
  onClose: () => void;
}) {
  const t = useTexts();
  const title = section ? t('changeOne', { name: section.name }) : t(`add.${kind}`);
  return (
    <Drawer open={section !== undefined} onClose={onClose} size={560} title={title} destroyOnHidden>
      {section === undefined ? null : <Editable kind={kind} section={section} onDone={onClose} />}
    </Drawer>
  );
}

function Editable({
  kind,
  section,
  onDone,
}: {
  kind: KindName;
  section: Schema<'SetupSection'> | null;
  onDone: () => void;
}) {
  const t = useTexts();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const onSuccess = () => {
    void message.success(t('saved'));
    onDone();
    return queries.invalidateQueries();
  };
  const put = api.useMutation('put', '/api/v1/setup/{kind}/{name}', { onSuccess });
  const remove = api.useMutation('delete', '/api/v1/setup/{kind}/{name}', { onSuccess });
  // Whoever changes what is there says which version he saw.
  const header = section ? { 'If-Match': `"${section.version}"` } : {};
  const save = ({ name, reason, ...parts }: Values) => {
    const path = { kind, name: section?.name ?? name };
    put.mutate({ params: { path, header }, body: { document: together(parts) as never, reason } });
  };
  return (
    <Flex vertical gap={16}>
      <Form<Values>
        layout="vertical"
        initialValues={{ ...apart(kind, section?.document ?? {}), reason: '' }}
        onFinish={save}
      >
        <ProblemAlert error={put.error ?? remove.error} />
        {section ? null : (
          <Form.Item
            name="name"
            label={kind === 'agent' ? t('extension') : t('name')}
            rules={[{ required: true, message: t('nameNeeded') }]}
          >
            <Input maxLength={64} />
          </Form.Item>
        )}
        {KINDS[kind].keys.map(([key, ask]) => (
          <KeyField key={key} name={key} ask={ask} />
        ))}
        <Form.Item
          name="rest"
          label={t('rest')}
          extra={t('restAdvice')}
          rules={[
            {
              validator: (_, value: string) =>
                new Promise<void>((resolve, reject) => {
                  try {
                    readRest(value);
                    resolve();
                  } catch {
                    reject(new Error(t('restWrong')));
                  }
                }),
            },
          ]}
        >
          <Input.TextArea className="mono" rows={8} spellCheck={false} />
        </Form.Item>
        <Form.Item name="reason" label={t('reason')}>
          <Input maxLength={200} placeholder={t('reasonExample')} />
        </Form.Item>
        <Flex gap={8}>
          <Button type="primary" htmlType="submit" loading={put.isPending}>
            {t('save')}
          </Button>
          {section ? (
            <Popconfirm
              title={t('removeAsk', { name: section.name })}
              description={t('removeAdvice')}
              onConfirm={() => remove.mutate({ params: { path: { kind, name: section.name }, header } })}
            >
              <Button danger loading={remove.isPending}>
                {t('remove')}
              </Button>
            </Popconfirm>
          ) : null}
        </Flex>
      </Form>
      {section ? <Versions kind={kind} name={section.name} version={section.version} onRestored={onSuccess} /> : null}
    </Flex>
  );
}
