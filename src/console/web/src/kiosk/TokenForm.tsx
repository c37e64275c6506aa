import { Button, Form, Input, Result } from 'antd';

import { useTexts } from './texts';

/** Asks for the token of this wall. */
export function TokenForm({ isRefused, onToken }: { isRefused: boolean; onToken: (token: string) => void }) {
  const t = useTexts();
  return (
    <main>
      <Result status="info" title={<h1 style={{ fontSize: 24 }}>{t(isRefused ? 'refused' : 'noToken')}</h1>} subTitle={t('advice')}>
        <Form<{ token: string }>
          layout="vertical"
          style={{ maxWidth: 420, margin: '0 auto' }}
          onFinish={({ token }) => onToken(token.trim())}
        >
          <Form.Item name="token" label={t('token')} rules={[{ required: true, whitespace: true, message: t('advice') }]}>
            <Input.Password autoComplete="off" />
          </Form.Item>
          <Button type="primary" htmlType="submit">
            {t('open')}
          </Button>
        </Form>
      </Result>
    </main>
  );
}
