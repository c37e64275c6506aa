import { TeamOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/users',
  title: ['用户与角色', 'Users and roles'],
  order: 700,
  group: 'admin',
  icon: TeamOutlined,
  needs: ['see_users'],
  load: () => import('./UsersPage'),
};
