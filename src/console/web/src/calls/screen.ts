import { PhoneOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/calls',
  title: ['通话与录音', 'Calls and recordings'],
  order: 410,
  group: 'quality',
  icon: PhoneOutlined,
  needs: ['see_calls'],
  load: () => import('./CallsPage'),
};
