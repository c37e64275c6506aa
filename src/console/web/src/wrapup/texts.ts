import { texts } from '../i18n/texts';

export const useTexts = texts('wrapup', {
  group: ['话后整理', 'Wrap-up'],
  left: ['剩余 {{time}}', '{{time}} left'],
  outcome: ['处理结果', 'Outcome'],
  chooseOutcome: ['按 1–9 选择处理结果', 'Choose what came of it: 1–9'],
  handling: ['办理方式', 'How it is dealt with'],
  chooseHandling: ['告知来电人的办理方式', 'What the caller was told'],
  handlingMissing: ['请补全办理方式', 'Say how, and what belongs to it'],
  'handling.answered': ['当场答复', 'Answered on the spot'],
  'handling.accepted': ['受理，已告知时限', 'Accepted; told by when'],
  'handling.not_accepted': ['不予受理，已告知责任单位', 'Not ours; told whose it is'],
  'handling.no_longer_accepted': ['不再受理，已告知原因', 'Not any more; told why'],
  dueAt: ['办理时限', 'To be dealt with by'],
  unit: ['责任单位', 'Whose it is'],
  writtenBy: ['书面答复时限（如客户要求）', 'In writing by, if asked for'],
  why: ['不再受理的原因', 'Why not any more'],
  finish: ['完成整理', 'Finish'],
  finishKeys: ['完成整理（Ctrl+Enter）', 'Finish (Ctrl+Enter)'],
  extend: ['延长 {{seconds}} 秒', '{{seconds}} s more'],
});
