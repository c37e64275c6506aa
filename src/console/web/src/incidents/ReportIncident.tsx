import { App, Form, Input, Modal, Select } from 'antd';

import { api } from '../api/client';
import { ProblemAlert } from '../states/ProblemAlert';
import { KINDS } from './kinds';
import { useTexts } from './texts';

interface Values {
  kind: (typeof KINDS)[number];
  text: string;
}

/** Reports what has to be known higher up at once (R120). */
export function ReportIncident({ call, onClose }: { call: string; onClose: () => void }) {
  const t = useTexts();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const report = api.useMutation('post', '/api/v1/incidents', {
    onSuccess: () => {
      void message.success(t('reported'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t('report')}
      okText={t('send')}
      okButtonProps={{ danger: true, loading: report.isPending }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form<Values> form={form} layout="vertical" onFinish={(said) => report.mutate({ body: { ...said, call } })}>
        <ProblemAlert error={report.error} />
        <Form.Item name="kind" label={t('kind')} extra={t('advice')} rules={[{ required: true, message: t('kindWanted') }]}>
          <Select options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))} />
        </Form.Item>
        <Form.Item name="text" label={t('text')} rules={[{ required: true, whitespace: true, message: t('textWanted') }]}>
          <Input.TextArea rows={4} maxLength={4000} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
