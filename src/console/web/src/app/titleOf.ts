import type { Language } from '../i18n/languages';
import type { Screen } from './screens';

/** The screen's name in this language. */
export function titleOf({ title: [zh, en] }: Screen, language: Language): string {
  if (language === 'zh-CN') return zh;
  return typeof en === 'string' ? en : en.other;
}
