import { texts } from '../i18n/texts';

export const useTexts = texts('script', {
  title: ['话术', 'Script'],
  moment: ['场景', 'Moment'],
  'moment.answer': ['接听', 'Answer'],
  'moment.late': ['接听（超时）', 'Late answer'],
  'moment.hold': ['请客户稍等', 'Before a hold'],
  'moment.return': ['稍等后返回', 'After a hold'],
  'moment.absent': ['同事不在', 'Colleague absent'],
  'moment.consult': ['咨询同事', 'Consulting'],
  'moment.transfer': ['转接', 'Passing on'],
  'moment.unavailable': ['转接未成功', 'Nobody there'],
  'moment.complaint': ['投诉', 'Complaint'],
  'moment.relay': ['代为转告', 'Message'],
  'moment.opinion': ['意见建议', 'Opinion'],
  'moment.close': ['结束通话', 'Goodbye'],
  'moment.outbound': ['外呼', 'Outbound'],
  apologyFirst: ['先致歉', 'Apologise first'],
  hints: ['沟通提示', 'How to speak'],
  kinds: ['各类客户的应对', 'Kinds of customers'],
  forbidden: ['服务忌语', 'What nobody says'],
});
