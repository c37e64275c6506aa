import { LockOutlined, UserOutlined } from '@ant-design/icons';
import { Alert, Button, Card, Flex, Form, Input, Typography } from 'antd';
import { useState } from 'react';

import { api } from '../api/client';
import { useProblemText } from '../api/useProblemText';
import { PreferencesMenu } from '../preferences/PreferencesMenu';
import { useTitle } from '../attention/useTitle';
import { Logo } from './Logo';
import { useTexts } from './texts';

interface Credentials {
  name: string;
  password: string;
}

/** The log-in page. */
export default function LogIn({ onLoggedIn }: { onLoggedIn: () => void }) {
  const t = useTexts();
  const problemText = useProblemText();
  const [wasRefused, setRefused] = useState(false);
  const logIn = api.useMutation('post', '/api/v1/session', {
    onSuccess: onLoggedIn,
    onError: () => setRefused(true),
  });
  useTitle(t('title'));
  const problem = logIn.error && wasRefused ? problemText(logIn.error) : undefined;
  return (
    <Flex vertical align="center" justify="center" component="main" style={{ minHeight: '100%' }}>
      <Card style={{ width: 380, maxWidth: '94vw' }}>
        <Flex vertical gap="middle">
          <Flex align="center" justify="space-between">
            <Logo />
            <PreferencesMenu />
          </Flex>
          <Typography.Title level={1} style={{ fontSize: 22, margin: 0 }}>
            {t('title')}
          </Typography.Title>
          {problem ? (
            <Alert type="error" showIcon role="alert" title={problem.title} description={problem.advice} />
          ) : null}
          <Form<Credentials>
            layout="vertical"
            requiredMark={false}
            onFinish={(body) => logIn.mutate({ body })}
            onValuesChange={() => setRefused(false)}
          >
            <Form.Item name="name" label={t('name')} rules={[{ required: true, message: t('nameNeeded') }]}>
              <Input prefix={<UserOutlined aria-hidden />} autoComplete="username" autoFocus size="large" />
            </Form.Item>
            <Form.Item
              name="password"
              label={t('password')}
              rules={[{ required: true, message: t('passwordNeeded') }]}
            >
              <Input.Password
                prefix={<LockOutlined aria-hidden />}
                autoComplete="current-password"
                size="large"
              />
            </Form.Item>
            <Button type="primary" htmlType="submit" size="large" block loading={logIn.isPending}>
              {t('logIn')}
            </Button>
          </Form>
        </Flex>
      </Card>
    </Flex>
  );
}
