import { AutoComplete, Form, Modal } from 'antd';

import type { Conduct } from '../owncall/useConduct';
import { useTexts } from './texts';

const REASONS = ['idNumber', 'cardNumber', 'caller'] as const;

interface Props {
  isOpen: boolean;
  conduct: Conduct;
  onClose: () => void;
}

/** Why nothing is recorded for a while: it stands in the call's log. */
export function PauseRecording({ isOpen, conduct, onClose }: Props) {
  const t = useTexts();
  const [form] = Form.useForm<{ reason: string }>();
  const pause = async ({ reason }: { reason: string }) => {
    if (await conduct.record('pause', reason)) onClose();
  };
  return (
    <Modal
      open={isOpen}
      title={t('pauseRecording')}
      okText={t('pauseRecording')}
      onOk={form.submit}
      onCancel={onClose}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" preserve={false} onFinish={(values) => void pause(values)}>
        <Form.Item name="reason" label={t('reason')} rules={[{ required: true, message: t('reasonWanted') }]}>
          <AutoComplete options={REASONS.map((reason) => ({ value: t(`pause.${reason}`) }))} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
