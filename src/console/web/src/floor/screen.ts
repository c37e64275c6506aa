import { ControlOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/floor',
  title: ['现场', 'Floor'],
  order: 150,
  icon: ControlOutlined,
  needs: ['listen_in', 'switch_line'],
  load: () => import('./FloorPage'),
};
