import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Flex, Form, Popconfirm, Space } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { ProblemAlert } from '../states/ProblemAlert';
import { ExtensionSelect } from './ExtensionSelect';
import { NewPassword } from './NewPassword';
import { RoleSelect } from './RoleSelect';
import { useTexts } from './texts';

type Changes = Pick<Schema<'ChangeUser'>, 'roles' | 'extension'>;

/** What can be changed of a user; closed without one. */
export function ChangeUser({ user, onClose }: { user: Schema<'User'> | undefined; onClose: () => void }) {
  const t = useTexts();
  return (
    <Drawer open={user !== undefined} onClose={onClose} size={420} title={user?.name ?? t('title')} destroyOnHidden>
      {user ? <Changeable user={user} onDone={onClose} /> : null}
    </Drawer>
  );
}

function Changeable({ user, onDone }: { user: Schema<'User'>; onDone: () => void }) {
  const t = useTexts();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const path = { name: user.name };
  const change = api.useMutation('patch', '/api/v1/users/{name}', {
    onSuccess: () => {
      void message.success(t('changed', path));
      onDone();
      return queries.invalidateQueries({ queryKey: ['get', '/api/v1/users'] });
    },
  });
  const end = api.useMutation('delete', '/api/v1/users/{name}/sessions', {
    onSuccess: () => void message.success(t('ended', path)),
  });
  const set = (body: Schema<'ChangeUser'>) => change.mutate({ params: { path }, body });
  return (
    <Flex vertical gap={20}>
      <ProblemAlert error={change.error ?? end.error} />
      <Form<Changes>
        layout="vertical"
        initialValues={{ roles: user.roles, extension: user.extension }}
        onFinish={({ roles, extension }) => set({ roles: roles ?? null, extension: extension ?? null })}
      >
        <Form.Item name="roles" label={t('roles')} rules={[{ required: true, message: t('rolesNeeded') }]}>
          <RoleSelect />
        </Form.Item>
        <Form.Item name="extension" label={t('extension')}>
          <ExtensionSelect />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t('save')}
        </Button>
      </Form>
      <NewPassword onSet={(password) => set({ password })} />
      <Space wrap>
        <Button onClick={() => end.mutate({ params: { path } })} loading={end.isPending}>
          {t('endSessions')}
        </Button>
        {user.disabled ? (
          <Button onClick={() => set({ disabled: false })}>{t('enable')}</Button>
        ) : (
          <Popconfirm title={t('disableAsk', path)} description={t('disableAdvice')} onConfirm={() => set({ disabled: true })}>
            <Button danger>{t('disable')}</Button>
          </Popconfirm>
        )}
      </Space>
    </Flex>
  );
}
