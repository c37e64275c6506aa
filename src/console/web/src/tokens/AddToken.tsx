import { useQueryClient } from '@tanstack/react-query';
import { Alert, Checkbox, Flex, Form, Input, InputNumber, Modal, Typography } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { SCOPES } from './scopes';
import { useTexts } from './texts';

/** For how long a token counts, in days. */
const LONGEST_DAYS = 366;
const USUAL_DAYS = 90;

/** A dialog for a new token, which shows it this once. */
export function AddToken({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useTexts();
  const queries = useQueryClient();
  const [form] = Form.useForm<Schema<'NewToken'>>();
  const add = api.useMutation('post', '/api/v1/tokens', {
    onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/api/v1/tokens'] }),
  });
  const close = () => {
    form.resetFields();
    add.reset();
    onClose();
  };
  const made = add.data;
  return (
    <Modal
      title={t('addTitle')}
      open={isOpen}
      onCancel={close}
      onOk={made ? close : form.submit}
      okText={made ? t('close') : t('add')}
      cancelButtonProps={made ? { style: { display: 'none' } } : {}}
      confirmLoading={add.isPending}
    >
      <ProblemAlert error={add.error} />
      {made ? (
        <Flex vertical gap={12}>
          <Alert type="warning" showIcon title={t('once')} />
          <Typography.Text copyable code className="mono" data-testid="token">
            {made.token}
          </Typography.Text>
        </Flex>
      ) : (
        <Form
          form={form}
          layout="vertical"
          initialValues={{ days: USUAL_DAYS, scopes: [] }}
          onFinish={(body) => add.mutate({ body })}
        >
          <Form.Item name="label" label={t('label')} rules={[{ required: true, message: t('labelNeeded') }]}>
            <Input maxLength={100} placeholder={t('labelExample')} />
          </Form.Item>
          <Form.Item name="days" label={t('days')} rules={[{ required: true, message: t('daysNeeded') }]}>
            <InputNumber min={1} max={LONGEST_DAYS} precision={0} />
          </Form.Item>
          <Form.Item name="scopes" label={t('scopes')} rules={[{ required: true, message: t('scopesNeeded') }]}>
            <Checkbox.Group>
              <Flex vertical gap={6}>
                {SCOPES.map((scope) => (
                  <Checkbox key={scope} value={scope}>
                    {t(`scope.${scope}`)} <Typography.Text type="secondary">{scope}</Typography.Text>
                  </Checkbox>
                ))}
              </Flex>
            </Checkbox.Group>
          </Form.Item>
        </Form>
      )}
    </Modal>
  );
}
