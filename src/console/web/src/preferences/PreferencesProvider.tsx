import i18next from 'i18next';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';

import { PreferencesContext } from './context';
import { type Preferences, keepPreferences, keyOf, lastUser, preferencesOf } from './store';
import { useMedia } from './useMedia';

/** Language and colours, kept per user in this browser. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [user, setUser] = useState(() => lastUser(localStorage));
  const [preferences, setPreferences] = useState(() => preferencesOf(user, localStorage));
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const { language, theme } = preferences;
  const isDark = theme === 'dark' || (theme === 'system' && systemDark);

  useEffect(() => {
    void i18next.changeLanguage(language);
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? 'dark' : 'light';
  }, [isDark]);

  // Another tab of the same user's.
  useEffect(() => {
    const changed = ({ key }: StorageEvent) => {
      if (key === keyOf(user)) setPreferences(preferencesOf(user, localStorage));
    };
    window.addEventListener('storage', changed);
    return () => window.removeEventListener('storage', changed);
  }, [user]);

  const change = useCallback(
    (changed: Partial<Preferences>) => {
      const wanted = { ...preferences, ...changed };
      setPreferences(wanted);
      keepPreferences(user, wanted, localStorage);
    },
    [preferences, user],
  );
  const becomeUser = useCallback((name: string) => {
    const wanted = preferencesOf(name, localStorage);
    setUser(name);
    setPreferences(wanted);
    keepPreferences(name, wanted, localStorage);
  }, []);
  const value = useMemo(
    () => ({ ...preferences, isDark, change, becomeUser }),
    [preferences, isDark, change, becomeUser],
  );
  return <PreferencesContext value={value}>{children}</PreferencesContext>;
}
