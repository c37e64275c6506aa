import { texts } from '../i18n/texts';

export const useTexts = texts('agents', {
  'state.offline': ['下线', 'Offline'],
  'state.unreachable': ['话机离线', 'Phone unreachable'],
  'state.ready': ['示闲', 'Ready'],
  'state.busy': ['示忙', 'Busy'],
  'state.break': ['小休', 'On a break'],
  'state.away': ['外出', 'Away'],
  'state.absent': ['离岗', 'Absent'],
  'state.ringing': ['振铃中', 'Ringing'],
  'state.talking': ['通话中', 'Talking'],
  'state.wrap_up': ['话后整理', 'Wrap-up'],
  withReason: ['{{word}}：{{reason}}', '{{word}}: {{reason}}'],
});
