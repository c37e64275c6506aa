import { DownloadOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Typography } from 'antd';
import { type ReactNode, useState } from 'react';

import { ProblemAlert } from './ProblemAlert';

interface Props<Wish> {
  /** What the button and the dialog say. */
  label: string;
  advice?: string;
  reason: { label: string; missing: string; advice?: string };
  /** What else is asked, above and below the reason. */
  above?: ReactNode;
  below?: ReactNode;
  initialValues: Wish;
  /** Fetches what is taken out, and saves it. */
  take: (wish: Wish) => Promise<void>;
}

/** Takes something out of the service, for a reason that stands in the audit (R232). */
export function TakeOut<Wish extends { reason: string }>({ label, advice, reason, above, below, initialValues, take }: Props<Wish>) {
  const [isOpen, setOpen] = useState(false);
  const [form] = Form.useForm<Wish>();
  const taking = useMutation({ mutationFn: take, onSuccess: () => close() });
  const close = () => {
    setOpen(false);
    taking.reset();
  };
  return (
    <>
      <Button icon={<DownloadOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Modal
        title={label}
        open={isOpen}
        okText={label}
        confirmLoading={taking.isPending}
        onCancel={close}
        onOk={() => form.submit()}
        destroyOnHidden
      >
        <ProblemAlert error={taking.error} />
        {advice === undefined ? null : <Typography.Paragraph type="secondary">{advice}</Typography.Paragraph>}
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={initialValues}
          onFinish={(wish) => taking.mutate(wish)}
        >
          {above}
          <Form.Item
            name="reason"
            label={reason.label}
            extra={reason.advice}
            rules={[{ required: true, whitespace: true, message: reason.missing }]}
          >
            <Input.TextArea autoFocus rows={3} maxLength={500} />
          </Form.Item>
          {below}
        </Form>
      </Modal>
    </>
  );
}
