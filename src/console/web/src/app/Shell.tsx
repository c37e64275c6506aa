import { Flex, Layout } from 'antd';
import { Outlet } from 'react-router';

import { Attentions } from '../attention/Attentions';
import { CallBar } from '../callbar/CallBar';
import { ConnectionBanner } from '../events/ConnectionBanner';
import { PreferencesMenu } from '../preferences/PreferencesMenu';
import { ShortcutSheet } from '../shortcuts/ShortcutSheet';
import { Navigation } from './Navigation';
import { UserMenu } from './UserMenu';
import styles from './Shell.module.css';
import { useTexts } from './texts';

/** What is around every screen: navigation, call bar, whose session it is. */
export function Shell() {
  const t = useTexts();
  return (
    <Layout className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t('skip')}
      </a>
      <Navigation />
      <Layout>
        <header className={styles.header}>
          <div className={styles.callBar}>
            <CallBar />
          </div>
          <Flex align="center" gap={4}>
            <PreferencesMenu />
            <UserMenu />
          </Flex>
        </header>
        <ConnectionBanner />
        <main id="main" tabIndex={-1} className={styles.main}>
          <Outlet />
        </main>
      </Layout>
      <Attentions />
      <ShortcutSheet />
    </Layout>
  );
}
