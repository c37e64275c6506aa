import { CustomerServiceOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/desk',
  title: ['工作台', 'Desk'],
  order: 10,
  icon: CustomerServiceOutlined,
  needs: ['conduct_call'],
  load: () => import('./DeskPage'),
};
