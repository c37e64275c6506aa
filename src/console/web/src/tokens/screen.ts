import { KeyOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/tokens',
  title: ['API 令牌', 'API tokens'],
  order: 800,
  icon: KeyOutlined,
  // Whoever may set up, lets programs in; others reach their own tokens from their account.
  needs: ['use_account'],
  isHidden: true,
  load: () => import('./TokensPage'),
};
