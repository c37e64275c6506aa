import { texts } from '../i18n/texts';

export const useTexts = texts('incidents', {
  report: ['事件上报', 'Report an incident'],
  reported: ['已上报', 'It is reported'],
  send: ['上报', 'Report it'],
  advice: ['立即通知相应级别的负责人，时间与接收人会记录在案。', 'Those who lead at that level are told at once; time and recipient are kept.'],
  kind: ['类型', 'Kind'],
  kindWanted: ['请选择类型', 'Say of which kind'],
  text: ['经过', 'What has happened'],
  textWanted: ['请说明经过', 'Say what has happened'],
  'kind.beyond_remit': ['超出本职范围', 'Beyond our remit'],
  'kind.grave_error': ['重大差错或事故', 'Grave error or accident'],
  'kind.safety': ['危及人身或设备安全', 'Danger to people or equipment'],
  'kind.leak': ['失泄密', 'Leak'],
  open: ['上报的事件', 'Reported incidents'],
  none: ['没有待处理的事件', 'Nothing is reported'],
  by: ['{{name}} 上报', 'Reported by {{name}}'],
  erased: ['内容已清除', 'It was erased'],
  acknowledge: ['知悉', 'Seen'],
  acknowledgeOf: ['知悉 {{name}} 上报的{{kind}}', 'Seen: {{kind}}, by {{name}}'],
});
