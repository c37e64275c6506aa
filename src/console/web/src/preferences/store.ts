import { LANGUAGES, type Language, isLanguage } from '../i18n/languages';

export const THEMES = ['light', 'dark', 'system'] as const;

export type Theme = (typeof THEMES)[number];

/** What somebody likes; kept in this browser for each user. */
export interface Preferences {
  language: Language;
  theme: Theme;
}

const DEFAULTS: Preferences = { language: LANGUAGES[0], theme: 'system' };
/** Who was here last: the log-in page speaks his language. */
const LAST = 'thirdring.last-user';

/** Under which key the browser keeps a user's. */
export const keyOf = (user: string) => `thirdring.preferences.${user}`;

/** What is kept for a user; what cannot be read is as it is for everybody. */
export function preferencesOf(user: string, storage: Storage): Preferences {
  try {
    const kept: unknown = JSON.parse(storage.getItem(keyOf(user)) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return DEFAULTS;
    const { language, theme } = kept as Record<string, unknown>;
    return {
      language: isLanguage(language) ? language : DEFAULTS.language,
      theme: THEMES.find((known) => known === theme) ?? DEFAULTS.theme,
    };
  } catch {
    return DEFAULTS;
  }
}

/** Those of the one who was here last. */
export function lastUser(storage: Storage): string {
  return storage.getItem(LAST) ?? '';
}

/** Keeps what a user likes, and that he was here. A browser that keeps nothing does without. */
export function keepPreferences(user: string, wanted: Preferences, storage: Storage): void {
  try {
    storage.setItem(keyOf(user), JSON.stringify(wanted));
    storage.setItem(LAST, user);
  } catch {
    // Private windows may have no room: the choice then lasts as long as the page.
  }
}
