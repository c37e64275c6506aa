import { Button } from 'antd';
import { Component, type ReactNode } from 'react';

import { Message } from './Message';
import { useTexts } from './texts';

/** Catches what a screen throws, so that the call bar beside it stays. */
export class Broken extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? <Apology /> : this.props.children;
  }
}

function Apology() {
  const t = useTexts();
  return (
    <Message
      status="error"
      title={t('broken')}
      subTitle={t('brokenAdvice')}
      extra={<Button onClick={() => window.location.reload()}>{t('reload')}</Button>}
    />
  );
}
