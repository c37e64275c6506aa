import { ApartmentOutlined, CalendarOutlined, ExportOutlined, IdcardOutlined, PartitionOutlined } from '@ant-design/icons';

import type { Screen } from '../app/screens';

const ADMIN = { group: 'admin', needs: ['set_up'] } as const;

/** What is set up while the service runs. */
export const screens: readonly Screen[] = [
  {
    ...ADMIN,
    path: '/admin/lines',
    title: ['线路', 'Lines'],
    order: 710,
    icon: PartitionOutlined,
    load: () => import('./LinesPage'),
  },
  {
    ...ADMIN,
    path: '/admin/queues',
    title: ['队列', 'Queues'],
    order: 712,
    icon: ApartmentOutlined,
    load: () => import('./QueuesPage'),
  },
  {
    ...ADMIN,
    path: '/admin/agents',
    title: ['坐席与话机账号', 'Agents'],
    order: 714,
    icon: IdcardOutlined,
    load: () => import('./AgentsPage'),
  },
  {
    ...ADMIN,
    path: '/admin/calendars',
    title: ['工作日历', 'Calendars'],
    order: 716,
    icon: CalendarOutlined,
    load: () => import('./CalendarsPage'),
  },
  {
    ...ADMIN,
    path: '/admin/outbound',
    title: ['外呼规则', 'Calls out'],
    order: 718,
    icon: ExportOutlined,
    load: () => import('./OutboundPage'),
  },
];
