import { UserOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/account',
  title: ['我的账号', 'My account'],
  order: 900,
  icon: UserOutlined,
  needs: ['use_account'],
  isHidden: true,
  load: () => import('./AccountPage'),
};
