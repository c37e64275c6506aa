import { FormOutlined } from '@ant-design/icons';
import { App, Button, Checkbox, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import { ProblemAlert } from '../states/ProblemAlert';
import { type MessageForm, messageOf } from './message';
import { useTexts } from './texts';

/** Takes down what a caller wants somebody told who cannot be reached, or that there is nothing (R182, R183). */
export function TakeMessage({ call }: { call: string }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={<FormOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('takeMessage')}
      </Button>
      {isOpen ? <Taking call={call} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Taking({ call, onClose }: { call: string; onClose: () => void }) {
  const t = useTexts();
  const { message } = App.useApp();
  const [form] = Form.useForm<MessageForm>();
  const isRefused = Form.useWatch('refused', form) === true;
  const take = api.useMutation('post', '/api/v1/calls/{id}/messages', {
    onSuccess: () => {
      void message.success(t('messageTaken'));
      onClose();
    },
  });
  const agents = api.useQuery('get', '/api/v1/agents');
  const directory = api.useQuery('get', '/api/v1/directory');
  const whom = [
    ...(agents.data?.items.map(({ id, name }) => ({ value: `agent ${id}`, label: name ? `${name} ${id}` : id })) ?? []),
    ...(directory.data?.items.flatMap(({ id, name, department, agent }) =>
      id == null || agent != null ? [] : [{ value: `entry ${id}`, label: [name, department].filter(Boolean).join(' · ') }],
    ) ?? []),
  ];
  const wanted = (text: string) => [{ required: true, whitespace: true, message: text }];
  return (
    <Modal
      open
      title={t('takeMessage')}
      okText={t('keepMessage')}
      okButtonProps={{ loading: take.isPending }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<MessageForm>
        form={form}
        layout="vertical"
        onFinish={(values) => take.mutate({ params: { path: { id: call } }, body: messageOf(values) })}
      >
        <ProblemAlert error={take.error} />
        <Form.Item name="whom" label={t('messageFor')} rules={wanted(t('messageForWanted'))}>
          <Select showSearch={{ optionFilterProp: 'label' }} options={whom} />
        </Form.Item>
        <Form.Item name="refused" valuePropName="checked">
          <Checkbox>{t('leavesNone')}</Checkbox>
        </Form.Item>
        {isRefused ? null : (
          <>
            <Form.Item name="text" label={t('messageText')} rules={wanted(t('messageTextWanted'))}>
              <Input.TextArea rows={4} maxLength={2000} />
            </Form.Item>
            <Form.Item name="from" label={t('messageFrom')}>
              <Input maxLength={100} />
            </Form.Item>
            <Form.Item name="number" label={t('messageNumber')} extra={t('messageNumberAdvice')}>
              <Input maxLength={32} inputMode="tel" />
            </Form.Item>
            <Form.Item name="urgent" valuePropName="checked">
              <Checkbox>{t('messageUrgent')}</Checkbox>
            </Form.Item>
          </>
        )}
      </Form>
    </Modal>
  );
}
