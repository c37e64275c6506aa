import { ContactsOutlined, SolutionOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

const ADMIN = { group: 'admin', needs: ['keep_directory'] } as const;

/** Who can be reached, and who answers for what. */
export const screens: readonly Screen[] = [
  {
    ...ADMIN,
    path: '/admin/directory',
    title: ['部门与通讯录', 'Departments'],
    order: 713,
    icon: ContactsOutlined,
    load: () => import('./DirectoryPage'),
  },
  {
    ...ADMIN,
    path: '/admin/matters',
    title: ['事项归口', 'Matters'],
    order: 715,
    icon: SolutionOutlined,
    load: () => import('./MattersPage'),
  },
];
