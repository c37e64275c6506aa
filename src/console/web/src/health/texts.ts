import { texts } from '../i18n/texts';

export const useTexts = texts('health', {
  title: ['系统状态', 'System health'],
  lookedAt: ['检查时间', 'Looked at'],
  'condition.well': ['正常', 'Well'],
  'condition.unknown': ['未知', 'Not known'],
  'condition.degraded': ['需关注', 'Look at it'],
  'condition.failed': ['故障', 'Failed'],
  'part.listener': ['呼叫服务', 'Telephone service'],
  'part.database': ['数据库', 'Database'],
  'part.log': ['通话记录写入', 'Log of calls'],
  'part.recorder': ['录音写入', 'Recorder'],
  'part.copies': ['录音备份', 'Copies of recordings'],
  'part.disk': ['磁盘', 'Disk'],
  'part.trunk': ['中继', 'Trunk'],
  'part.phones': ['话机', 'Phones'],
  'code.stopping': ['服务正在停止，不再接入新通话；请重新启动。', 'The service is stopping and takes no calls; start it again.'],
  'code.database_away': [
    '数据库无响应，请启动数据库。通话继续进行，记录暂存在本地磁盘。',
    'The database does not answer: start it. Calls go on, and what happens is kept on the local disk.',
  ],
  'code.database_away_and_no_journal': [
    '数据库无响应且本地暂存不可用：请启动数据库或清理磁盘，在此之前不接入通话。',
    'Start the database, or make room for the journal: no calls are taken until then.',
  ],
  'code.log_waits': [
    '大量记录等待写入，请检查数据库是否响应；恢复后会自动写入。',
    'Much waits to be written. See whether the database answers; it is written by itself when it does.',
  ],
  'code.recorder_behind': [
    '录音写入过慢，请检查录音所在磁盘。',
    'The disk of the recordings takes audio too slowly, or not at all: look at it.',
  ],
  'code.copies_late': [
    '录音备份滞后，请检查备份存储是否可用、密钥是否有效；会自动重试。',
    'Copies come late. See whether their place answers and takes our keys; it is tried again by itself.',
  ],
  'code.folder_missing': [
    '目录不存在或无法访问，请重新创建并授予服务用户写权限。',
    'The folder is missing: make it again, and let the service’s user write there.',
  ],
  'code.disk_full': [
    '磁盘已满，请立即清理：必须录音的线路将拒接来电。',
    'Make room now: lines that must record refuse calls when the disk is full.',
  ],
  'code.disk_low': [
    '磁盘空间不足，请备份并清理旧录音，或更换更大的磁盘。',
    'Make room: copy recordings elsewhere and let old ones go, or take a larger disk.',
  ],
  'code.trunk_down': [
    '运营商无响应或拒绝接入，请检查网络与账号，并联系运营商。',
    'The carrier does not answer or refuses us: look at the network and the account, then ring the carrier.',
  ],
  'code.trunk_full': [
    '通道已占满，来电会听到忙音；若经常发生，请增加通道。',
    'All channels are taken: callers hear busy. Order more if it happens often.',
  ],
  'code.trunk_unknown': [
    '尚未检测；若持续如此，请为该中继启用探测（probe）或注册。',
    'Nobody has looked yet. If it stays so, let the trunk be probed or registered.',
  ],
  'code.nobody_reachable': [
    '没有坐席可以接听。下班时间属正常；否则请检查话机是否注册。',
    'No agent can be rung. Out of hours that is as it should be; otherwise see whether phones register.',
  ],
  'code.phones_unreachable': [
    '有话机已注册但无响应，请检查话机及网络。',
    'Phones are registered and do not answer: look at them, and at the network in between.',
  ],
  'figure.calls': ['进行中通话', 'Calls'],
  'figure.waiting_entries': ['待写入记录', 'Entries that wait'],
  'figure.lag_ms': ['写入延迟', 'Lag'],
  'figure.journal_bytes': ['本地暂存', 'Journal'],
  'figure.waiting_recordings': ['待备份录音', 'Recordings that wait'],
  'figure.waiting_bytes': ['待备份大小', 'Size that waits'],
  'figure.free_bytes': ['可用空间', 'Free'],
  'figure.size_bytes': ['总容量', 'Size'],
  'figure.channels_free': ['空闲通道', 'Free channels'],
  'figure.agents': ['坐席', 'Agents'],
  'figure.registrations': ['已注册话机', 'Registrations'],
  'figure.unreachable': ['无响应', 'Do not answer'],
});
