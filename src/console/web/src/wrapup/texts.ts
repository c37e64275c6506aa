import { texts } from '../i18n/texts';

export const useTexts = texts('wrapup', {
  group: ['话后整理', 'Wrap-up'],
  left: ['剩余 {{time}}', '{{time}} left'],
  outcome: ['处理结果', 'Outcome'],
  chooseOutcome: ['按 1–9 选择处理结果', 'Choose what came of it: 1–9'],
  finish: ['完成整理', 'Finish'],
  finishKeys: ['完成整理（Ctrl+Enter）', 'Finish (Ctrl+Enter)'],
  extend: ['延长 {{seconds}} 秒', '{{seconds}} s more'],
});
