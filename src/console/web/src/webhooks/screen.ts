import { ApiOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/webhooks',
  title: ['消息推送', 'Webhooks'],
  order: 760,
  group: 'admin',
  icon: ApiOutlined,
  needs: ['set_up'],
  load: () => import('./WebhooksPage'),
};
