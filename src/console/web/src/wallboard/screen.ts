import { FundProjectionScreenOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/wallboard',
  title: ['大屏', 'Wallboard'],
  order: 200,
  icon: FundProjectionScreenOutlined,
  needs: ['see_statistics'],
  load: () => import('./WallboardPage'),
};
