import { PhoneOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/phones',
  title: ['话机', 'Phones'],
  order: 740,
  group: 'admin',
  icon: PhoneOutlined,
  needs: ['see_trunks'],
  load: () => import('./PhonesPage'),
};
