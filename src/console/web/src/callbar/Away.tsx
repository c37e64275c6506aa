import { AutoComplete, Form, Modal, Typography } from 'antd';

import type { Schema } from '../api/types';
import type { Wish } from './StateControl';
import { useTexts } from './texts';

export type AwayKind = 'log_in' | 'busy' | 'break';

/** What is usual to say; anything else can be typed. */
const USUAL = {
  log_in: ['early', 'middle', 'late', 'night'],
  busy: ['paperwork', 'callingBack', 'asked'],
  break: ['meal', 'rest', 'meeting', 'training', 'visitor'],
} as const;

interface Props {
  kind: AwayKind | undefined;
  agent: Schema<'Agent'>;
  wish: (wish: Wish) => Promise<boolean>;
  onClose: () => void;
}

/** Says why an agent takes no calls, or for which shift he begins. */
export function Away({ kind, agent, wish, onClose }: Props) {
  const t = useTexts();
  const [form] = Form.useForm<{ word?: string }>();
  const send = async ({ word }: { word?: string }) => {
    if (kind && (await wish(wishOf(kind, word?.trim() ?? '')))) onClose();
  };
  const shown = kind ?? 'busy';
  return (
    <Modal
      open={kind !== undefined}
      title={t(`away.${shown}`)}
      okText={t(`away.${shown}`)}
      onOk={form.submit}
      onCancel={onClose}
      destroyOnHidden
      width={420}
    >
      <Form form={form} layout="vertical" preserve={false} onFinish={(values) => void send(values)}>
        {shown === 'log_in' ? (
          <Typography.Paragraph>{t('phoneOf', { name: agent.name, extension: agent.id })}</Typography.Paragraph>
        ) : null}
        <Form.Item
          name="word"
          label={t(shown === 'log_in' ? 'shift' : 'reason')}
          rules={[{ required: shown === 'break', message: t('reasonWanted') }]}
        >
          <AutoComplete options={USUAL[shown].map((word) => ({ value: t(`usual.${word}`) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function wishOf(kind: AwayKind, word: string): Wish {
  switch (kind) {
    case 'log_in':
      return { to: kind, shift: word === '' ? null : word };
    case 'busy':
      return { to: kind, reason: word === '' ? null : word };
    case 'break':
      return { to: kind, reason: word };
  }
}
