import { TagsOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/codes',
  title: ['来电目的与结果', 'Purposes'],
  order: 711,
  group: 'admin',
  icon: TagsOutlined,
  needs: ['set_up'],
  load: () => import('./CodesPage'),
};
