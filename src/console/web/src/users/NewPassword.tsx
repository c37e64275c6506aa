import { Button, Form, Input } from 'antd';

import { SHORTEST_PASSWORD } from './limits';
import { useTexts } from './texts';

/** A new password for somebody who has forgotten his. */
export function NewPassword({ onSet }: { onSet: (password: string) => void }) {
  const t = useTexts();
  return (
    <Form<{ password: string }> layout="vertical" onFinish={({ password }) => onSet(password)}>
      <Form.Item
        name="password"
        label={t('newPassword')}
        extra={t('newPasswordAdvice')}
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
      <Button htmlType="submit">{t('setPassword')}</Button>
    </Form>
  );
}
