import { App as Messages, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { type ReactNode, useEffect } from 'react';

import { usePreferences } from '../preferences/context';
import { useMedia } from '../preferences/useMedia';
import { nonce } from './nonce';
import { themeOf } from './colours';

/** Colours and language of every component. */
export function Theme({ children }: { children: ReactNode }) {
  const { language, isDark } = usePreferences();
  // Then base.css allows no transition, and nothing may wait for the end of one.
  const motion = !useMedia('(prefers-reduced-motion: reduce)');
  const { token, ...colours } = themeOf(isDark);
  useEffect(() => {
    dayjs.locale(language === 'zh-CN' ? 'zh-cn' : 'en');
  }, [language]);
  return (
    <ConfigProvider
      locale={language === 'zh-CN' ? zhCN : enUS}
      theme={{ ...colours, token: { ...token, motion } }}
      csp={{ nonce }}
      // Two Chinese characters in a button are written as they are.
      button={{ autoInsertSpace: false }}
    >
      <Messages component={false}>
        <div className={isDark ? 'dark' : 'light'} style={{ height: '100%' }}>
          {children}
        </div>
      </Messages>
    </ConfigProvider>
  );
}
