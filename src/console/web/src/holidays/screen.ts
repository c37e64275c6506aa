import { ScheduleOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/holidays',
  title: ['节假日与调休', 'Holidays'],
  order: 717,
  group: 'admin',
  icon: ScheduleOutlined,
  needs: ['set_up'],
  load: () => import('./HolidaysPage'),
};
