import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

import './start';

/** English has one form for one thing and another one for several; `{{count}}` decides. */
type English = string | { one: string; other: string };

/** A text in both languages, side by side: Chinese, English. */
export type Pair = readonly [zh: string, en: English];

export type Texts = Readonly<Record<string, Pair>>;

type Values = Readonly<Record<string, string | number>>;

/** Gives the text of a key, with `{{names}}` filled in. */
export type Translate<T extends Texts> = (key: keyof T & string, values?: Values) => string;

/**
 * Makes the texts of one folder known, and gives the hook by which its components read them. They
 * come with the code that uses them, so a screen that nobody opens loads none of its texts.
 */
export function texts<const T extends Texts>(folder: string, pairs: T): () => Translate<T> {
  i18next.addResourceBundle('zh-CN', folder, chinese(pairs));
  i18next.addResourceBundle('en', folder, english(pairs));
  return function useTexts() {
    const { t } = useTranslation(folder);
    return (key, values) => t(key, { ...values });
  };
}

function chinese(pairs: Texts): Record<string, string> {
  return Object.fromEntries(Object.entries(pairs).map(([key, [zh]]) => [key, zh]));
}

function english(pairs: Texts): Record<string, string> {
  const all = Object.entries(pairs).flatMap(([key, [, en]]): [string, string][] =>
    typeof en === 'string'
      ? [[key, en]]
      : [
          [`${key}_one`, en.one],
          [`${key}_other`, en.other],
        ],
  );
  return Object.fromEntries(all);
}
