import { createContext, useContext } from 'react';

import type { Preferences } from './store';

export interface PreferencesValue extends Preferences {
  /** The theme as it is shown: the system's, where that is wanted. */
  isDark: boolean;
  change: (changed: Partial<Preferences>) => void;
  /** Takes over what this user likes. */
  becomeUser: (user: string) => void;
}

export const PreferencesContext = createContext<PreferencesValue | undefined>(undefined);

export function usePreferences(): PreferencesValue {
  const value = useContext(PreferencesContext);
  if (!value) throw new Error('outside of PreferencesProvider');
  return value;
}
