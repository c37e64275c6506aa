import { texts } from '../i18n/texts';

export const useTexts = texts('supervision', {
  way: ['监听方式', 'How to be in the call'],
  'mode.listen': ['监听', 'Listen'],
  'mode.whisper': ['密语', 'Whisper'],
  'mode.barge': ['强插', 'Barge in'],
  'hint.listen': ['双方都听不到您', 'Nobody hears you'],
  'hint.whisper': ['只有坐席听得到您，不进录音', 'Only the agent hears you; it is not recorded'],
  'hint.barge': ['坐席和客户都听得到您', 'Agent and customer hear you'],
  takeOver: ['接管', 'Take over'],
  takeOverAsk: ['接管这通电话？', 'Take this call over?'],
  takeOverAdvice: ['坐席退出通话，由您与客户继续。', 'The agent leaves, and you go on with the customer.'],
  leave: ['离开', 'Leave'],
  leaveOf: ['离开 {{agent}} 的通话', 'Leave {{agent}}’s call'],
  yourPhoneRings: ['您的话机正在振铃，接听后开始', 'Your phone rings: answer it to begin'],
  answer: ['接听', 'Answer'],
  call: ['通话', 'Call'],
  with: ['{{agent}} 的通话', '{{agent}}’s call'],
});
