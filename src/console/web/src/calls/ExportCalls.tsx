import { DownloadOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Modal, Segmented, Typography } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import { save } from '../api/save';
import { useMay } from '../session/context';
import { ProblemAlert } from '../states/ProblemAlert';
import { type Filters, queryOf } from './filters';
import { useTexts } from './texts';

const FORMATS = ['csv', 'json'] as const;

interface Wish {
  format: (typeof FORMATS)[number];
  reason: string;
  numbers?: boolean;
}

/** Takes the list out as a sheet, for a reason that stands in the audit (R232). */
export function ExportCalls({ filters }: { filters: Filters }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const [form] = Form.useForm<Wish>();
  const seesNumbers = useMay('reveal_number');
  const take = useMutation({
    mutationFn: async ({ format, reason, numbers = false }: Wish) => {
      const body = { format, reason, numbers, filter: queryOf(filters) };
      const { data } = await client.POST('/api/v1/calls/export', { body, parseAs: 'blob' });
      save(data as unknown as Blob, `calls.${format}`);
    },
    onSuccess: () => close(),
  });
  const close = () => {
    setOpen(false);
    take.reset();
  };
  if (!useMay('export_calls')) return null;
  return (
    <>
      <Button icon={<DownloadOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('export')}
      </Button>
      <Modal
        title={t('export')}
        open={isOpen}
        okText={t('export')}
        cancelText={t('cancel')}
        confirmLoading={take.isPending}
        onCancel={close}
        onOk={() => form.submit()}
        destroyOnHidden
      >
        <ProblemAlert error={take.error} />
        <Typography.Paragraph type="secondary">{t('exportAdvice')}</Typography.Paragraph>
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={{ format: 'csv', reason: '' }}
          onFinish={(wish) => take.mutate(wish)}
        >
          <Form.Item name="format" label={t('format')}>
            <Segmented options={FORMATS.map((value) => ({ value, label: t(`format.${value}`) }))} />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t('exportReason')}
            rules={[{ required: true, whitespace: true, message: t('exportReasonMissing') }]}
          >
            <Input.TextArea autoFocus rows={3} maxLength={500} />
          </Form.Item>
          {seesNumbers ? (
            <Form.Item name="numbers" valuePropName="checked">
              <Checkbox>{t('fullNumbers')}</Checkbox>
            </Form.Item>
          ) : null}
        </Form>
      </Modal>
    </>
  );
}
