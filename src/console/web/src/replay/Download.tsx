import { DownloadOutlined } from '@ant-design/icons';
import { Button, Form, Input, Modal } from 'antd';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { client } from '../api/client';
import { save } from '../api/save';
import { useMay } from '../session/context';
import { ProblemAlert } from '../states/ProblemAlert';
import { useTexts } from './texts';

/** Takes the recording out, for a reason that stands in the audit. */
export function Download({ call }: { call: string }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const [form] = Form.useForm<{ reason: string }>();
  const take = useMutation({
    mutationFn: async ({ reason }: { reason: string }) => {
      const { data } = await client.POST('/api/v1/calls/{id}/recording/download', {
        params: { path: { id: call } },
        body: { reason },
        parseAs: 'blob',
      });
      save(data as unknown as Blob, `${call}.wav`);
    },
    onSuccess: () => close(),
  });
  const close = () => {
    setOpen(false);
    form.resetFields();
    take.reset();
  };
  if (!useMay('take_recording')) return null;
  return (
    <>
      <Button icon={<DownloadOutlined />} onClick={() => setOpen(true)}>
        {t('download')}
      </Button>
      <Modal
        title={t('download')}
        open={isOpen}
        okText={t('download')}
        cancelText={t('cancel')}
        confirmLoading={take.isPending}
        onCancel={close}
        onOk={() => form.submit()}
        destroyOnHidden
      >
        <ProblemAlert error={take.error} />
        <Form form={form} layout="vertical" onFinish={(values) => take.mutate(values)}>
          <Form.Item
            name="reason"
            label={t('reason')}
            extra={t('reasonAdvice')}
            rules={[{ required: true, whitespace: true, message: t('reasonMissing') }]}
          >
            <Input.TextArea autoFocus rows={3} maxLength={500} />
          </Form.Item>
        </Form>
      </Modal>
    </>
  );
}
