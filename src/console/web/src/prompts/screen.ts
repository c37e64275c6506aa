import { SoundOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/prompts',
  title: ['提示音', 'Prompts'],
  order: 720,
  group: 'admin',
  icon: SoundOutlined,
  needs: ['set_up'],
  load: () => import('./PromptsPage'),
};
