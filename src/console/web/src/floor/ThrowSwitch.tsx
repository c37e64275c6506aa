import { useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Form, Input, Modal, Radio, Select, Typography } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { useTexts } from './texts';

const REASONS = ['fault', 'surge', 'power', 'weather'] as const;

interface Wish {
  to: 'announcement' | 'number';
  announcement?: string;
  number?: string;
  reason: string;
}

interface Props {
  line: Schema<'Line'> | undefined;
  onClose: () => void;
}

/** Sends a line's calls elsewhere from now on: where to, and why; said once more before it counts. */
export function ThrowSwitch({ line, onClose }: Props) {
  const t = useTexts();
  const queries = useQueryClient();
  const [form] = Form.useForm<Wish>();
  const to = Form.useWatch('to', form);
  const files = line?.announcements ?? [];
  const throws = api.useMutation('post', '/api/v1/lines/{id}/switch', {
    onSuccess: () => {
      close();
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/lines'] });
    },
  });
  const close = () => {
    throws.reset();
    onClose();
  };
  const send = ({ to: where, announcement, number, reason }: Wish) => {
    if (!line) return;
    const elsewhere = where === 'number' ? { number: number?.trim() ?? '' } : { announcement: announcement ?? '' };
    throws.mutate({ params: { path: { id: line.id } }, body: { ...elsewhere, reason: reason.trim() } });
  };
  const whereTo = [
    { value: 'announcement', label: t('announcement') },
    { value: 'number', label: t('number') },
  ];
  const first = files[0];
  const initial: Partial<Wish> =
    first === undefined ? { to: 'number' } : { to: 'announcement', announcement: first };
  return (
    <Modal
      open={line !== undefined}
      title={t('throwOf', { line: line?.id ?? '' })}
      okText={t('confirmThrow')}
      okButtonProps={{ danger: true, type: 'default' }}
      confirmLoading={throws.isPending}
      onOk={form.submit}
      onCancel={close}
      destroyOnHidden
    >
      <Typography.Paragraph>{t('throwAdvice', { line: line?.id ?? '' })}</Typography.Paragraph>
      <ProblemAlert error={throws.error} />
      <Form form={form} layout="vertical" preserve={false} initialValues={initial} onFinish={send}>
        <Form.Item name="to" label={t('whereTo')}>
          <Radio.Group options={whereTo} />
        </Form.Item>
        {to === 'number' ? (
          <Form.Item
            name="number"
            label={t('number')}
            extra={t('numberAdvice')}
            rules={[{ required: true, whitespace: true, message: t('numberWanted') }]}
          >
            <Input inputMode="tel" maxLength={64} autoComplete="off" />
          </Form.Item>
        ) : (
          <Form.Item
            name="announcement"
            label={t('announcement')}
            {...(files.length === 0 ? { extra: t('noAnnouncement') } : {})}
            rules={[{ required: true, message: t('announcementWanted') }]}
          >
            <Select options={files.map((file) => ({ value: file, label: file }))} />
          </Form.Item>
        )}
        <Form.Item
          name="reason"
          label={t('reason')}
          rules={[{ required: true, whitespace: true, max: 500, message: t('reasonWanted') }]}
        >
          <AutoComplete options={REASONS.map((reason) => ({ value: t(`reason.${reason}`) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
