import { Layout, Menu, type MenuProps } from 'antd';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';

import { Logo } from '../login/Logo';
import { usePreferences } from '../preferences/context';
import { useAccount } from '../session/context';
import { type Screen, isFor, screens } from './screens';
import styles from './Shell.module.css';
import { titleOf } from './titleOf';
import { useTexts } from './texts';

const GROUPS = [undefined, 'quality', 'admin'] as const;

/** The screens that one may see. */
export function Navigation() {
  const t = useTexts();
  const { may } = useAccount();
  const { language } = usePreferences();
  const { pathname } = useLocation();
  const [isNarrow, setNarrow] = useState(false);
  const mine = screens.filter((screen) => !screen.isHidden && isFor(screen, may));
  const here = mine
    .filter(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
    .sort((one, other) => other.path.length - one.path.length)[0];

  const entry = (screen: Screen) => {
    const title = titleOf(screen, language);
    const Icon = screen.icon;
    return { key: screen.path, icon: <Icon aria-hidden />, title, label: <Link to={screen.path}>{title}</Link> };
  };
  const items = GROUPS.flatMap((group): NonNullable<MenuProps['items']> => {
    const entries = mine.filter((screen) => screen.group === group).map(entry);
    if (group === undefined || entries.length === 0 || isNarrow) return entries;
    return [{ type: 'group' as const, key: group, label: t(`group.${group}`), children: entries }];
  });
  return (
    <Layout.Sider
      theme="light"
      width={216}
      collapsedWidth={56}
      breakpoint="xl"
      collapsible
      trigger={null}
      onCollapse={setNarrow}
    >
      <nav aria-label={t('navigation')} className={styles.navigation}>
        <div className={styles.mark}>
          <Logo isBare={isNarrow} />
        </div>
        <Menu
          mode="inline"
          inlineIndent={16}
          items={items}
          selectedKeys={here ? [here.path] : []}
          style={{ border: 'none' }}
        />
      </nav>
    </Layout.Sider>
  );
}
