import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Card, Flex, Form, Input } from 'antd';

import { api } from '../api/client';
import { ProblemAlert } from '../states/ProblemAlert';
import { SHORTEST_PASSWORD } from '../users/limits';
import { useTexts } from './texts';

interface Passwords {
  old: string;
  new: string;
  again: string;
}

/** A new password; it ends every session of the user. */
export function PasswordForm() {
  const t = useTexts();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const change = api.useMutation('put', '/api/v1/account/password', {
    onSuccess: () => {
      void message.success(t('changed'));
      return queries.resetQueries();
    },
  });
  return (
    <Card title={t('password')}>
      <Form<Passwords>
        layout="vertical"
        style={{ maxWidth: 360 }}
        onFinish={({ old, new: wanted }) => change.mutate({ body: { old, new: wanted } })}
      >
        <Flex vertical gap={12} style={{ marginBottom: 16 }}>
          <Alert type="info" showIcon title={t('passwordAdvice')} />
          <ProblemAlert error={change.error} />
        </Flex>
        <Form.Item name="old" label={t('old')} rules={[{ required: true, message: t('needed') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="new"
          label={t('new')}
          rules={[{ required: true, min: SHORTEST_PASSWORD, message: t('tooShort', { count: SHORTEST_PASSWORD }) }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('again')}
          dependencies={['new']}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                value === getFieldValue('new') ? Promise.resolve() : Promise.reject(new Error(t('differs'))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t('change')}
        </Button>
      </Form>
    </Card>
  );
}
