import { useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Form, Modal, Typography } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { useTexts } from './texts';

interface Props {
  line: Schema<'Line'> | undefined;
  onClose: () => void;
}

/** Serves a line's calls again, and says why. */
export function RestoreLine({ line, onClose }: Props) {
  const t = useTexts();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ reason: string }>();
  const restore = api.useMutation('post', '/api/v1/lines/{id}/restore', {
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/lines'] });
    },
  });
  const close = () => {
    restore.reset();
    onClose();
  };
  const send = ({ reason }: { reason: string }) => {
    if (line) restore.mutate({ params: { path: { id: line.id } }, body: { reason: reason.trim() } });
  };
  return (
    <Modal
      open={line !== undefined}
      title={t('restoreOf', { line: line?.id ?? '' })}
      okText={t('confirmRestore')}
      confirmLoading={restore.isPending}
      onOk={form.submit}
      onCancel={close}
      destroyOnHidden
    >
      <Typography.Paragraph>{t('restoreAdvice', { line: line?.id ?? '' })}</Typography.Paragraph>
      <ProblemAlert error={restore.error} />
      <Form form={form} layout="vertical" preserve={false} onFinish={send}>
        <Form.Item
          name="reason"
          label={t('reason')}
          rules={[{ required: true, whitespace: true, max: 500, message: t('reasonWanted') }]}
        >
          <AutoComplete options={[{ value: t('reason.over') }]} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
