import { AuditOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

export const screen: Screen = {
  path: '/admin/audit',
  title: ['审计日志', 'Audit log'],
  order: 780,
  group: 'admin',
  icon: AuditOutlined,
  needs: ['read_audit'],
  load: () => import('./AuditPage'),
};
