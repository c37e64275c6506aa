import { texts } from '../i18n/texts';

export const useTexts = texts('webhooks', {
  title: ['消息推送', 'Webhooks'],
  advice: [
    '每条消息签名发送，失败会自动重试；放弃的消息可以重新发送。推送地址在配置文件的 [[webhook]] 中设置。',
    'Each message is signed, and tried again by itself; what was given up can be sent again. The addresses stand in the configuration, under [[webhook]].',
  ],
  createdAt: ['产生时间', 'Written'],
  endpoint: ['接收方', 'To whom'],
  kind: ['类型', 'Type'],
  state: ['状态', 'State'],
  'state.all': ['全部', 'All'],
  'state.waiting': ['待发送', 'Waiting'],
  'state.delivered': ['已送达', 'Delivered'],
  'state.failed': ['已放弃', 'Given up'],
  tries: ['尝试次数', 'Tries'],
  status: ['响应码', 'Answer'],
  error: ['失败原因', 'Why the last try failed'],
  next: ['完成/下次尝试', 'Ended, or due'],
  action: ['操作', 'Action'],
  replay: ['重新发送', 'Send again'],
  replayed: ['已重新排队', 'It is sent again'],
  empty: ['没有消息', 'No messages'],
  emptyAdvice: ['配置了推送地址后，通话事件会出现在这里。', 'Once there is an address, what happens to calls is told there.'],
});
