import { AutoComplete, Form, Modal } from 'antd';

import { useTexts } from './texts';

interface Props {
  title: string;
  /** What is usual to say; anything else can be typed. */
  usual: readonly string[];
  isOpen: boolean;
  onSay: (reason: string) => Promise<boolean>;
  onClose: () => void;
}

/** Why something is done that wants a reason: it stands in the call's log. */
export function ReasonFor({ title, usual, isOpen, onSay, onClose }: Props) {
  const t = useTexts();
  const [form] = Form.useForm<{ reason: string }>();
  const say = async ({ reason }: { reason: string }) => {
    if (await onSay(reason)) onClose();
  };
  return (
    <Modal open={isOpen} title={title} okText={title} onOk={form.submit} onCancel={onClose} destroyOnHidden>
      <Form form={form} layout="vertical" preserve={false} onFinish={(values) => void say(values)}>
        <Form.Item name="reason" label={t('reason')} rules={[{ required: true, message: t('reasonWanted') }]}>
          {/* What does not begin like anything usual leaves no list over the buttons. */}
          <AutoComplete
            options={usual.map((value) => ({ value }))}
            showSearch={{ filterOption: (typed, option) => option?.value.startsWith(typed) === true }}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
