import { HeartOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/health',
  title: ['系统状态', 'System health'],
  order: 790,
  group: 'admin',
  icon: HeartOutlined,
  needs: ['see_health'],
  load: () => import('./HealthPage'),
};
