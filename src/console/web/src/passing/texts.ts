import { texts } from '../i18n/texts';

export const useTexts = texts('passing', {
  title: ['转接与咨询', 'Transfer and consult'],
  consult: ['咨询', 'Consultation'],
  search: ['姓名、分机、部门或号码', 'Name, extension, department or number'],
  nobody: ['没有找到', 'Nobody found'],
  nobodyAdvice: ['请换一个词，或直接输入号码。', 'Try another word, or type a number.'],
  how: ['咨询：客户听音乐等待；直接转：不询问，失败会回到您这里。', 'Ask: the customer waits with music. Pass: without asking; a failed transfer comes back.'],
  ask: ['咨询', 'Ask'],
  askWhom: ['咨询 {{name}}', 'Ask {{name}}'],
  pass: ['直接转', 'Pass'],
  passTo: ['直接转给 {{name}}', 'Pass to {{name}}'],
  rings: ['正在呼叫 {{who}}，客户听音乐等待', 'Calling {{who}}; the customer waits with music'],
  talksWith: ['与 {{who}} 咨询中，客户听不到', 'You talk with {{who}}; the customer does not hear it'],
  threeTalk: ['您、客户与 {{who}} 三方通话', 'You, the customer and {{who}} hear each other'],
  complete: ['完成转接', 'Put through'],
  join: ['三方通话', 'Join all three'],
  backToCaller: ['结束咨询，回到客户', 'Back to the customer'],
  passingOn: ['正在转给 {{who}}', 'Being passed to {{who}}'],
});
