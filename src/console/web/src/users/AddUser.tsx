import { useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Modal } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { ExtensionSelect } from './ExtensionSelect';
import { RoleSelect } from './RoleSelect';
import { SHORTEST_PASSWORD, USER_NAME } from './limits';
import { useTexts } from './texts';

/** A dialog for a new user. */
export function AddUser({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useTexts();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Schema<'NewUser'>>();
  const add = api.useMutation('post', '/api/v1/users', {
    onSuccess: ({ name }) => {
      void message.success(t('added', { name }));
      close();
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/users'] });
    },
  });
  const close = () => {
    form.resetFields();
    add.reset();
    onClose();
  };
  return (
    <Modal
      title={t('addTitle')}
      open={isOpen}
      onCancel={close}
      onOk={form.submit}
      okText={t('add')}
      confirmLoading={add.isPending}
    >
      <ProblemAlert error={add.error} />
      <Form form={form} layout="vertical" onFinish={(body) => add.mutate({ body })}>
        <Form.Item
          name="name"
          label={t('name')}
          extra={t('nameAdvice')}
          rules={[{ required: true, pattern: USER_NAME, message: t('nameNeeded') }]}
        >
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('firstPassword')}
          rules={[
            {
              required: true,
              min: SHORTEST_PASSWORD,
              message: t('passwordNeeded', { count: SHORTEST_PASSWORD }),
            },
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="roles" label={t('roles')} rules={[{ required: true, message: t('rolesNeeded') }]}>
          <RoleSelect />
        </Form.Item>
        <Form.Item name="extension" label={t('extension')}>
          <ExtensionSelect />
        </Form.Item>
      </Form>
    </Modal>
  );
}
