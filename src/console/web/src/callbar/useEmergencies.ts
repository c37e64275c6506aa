import { api } from '../api/client';
import { usePreferences } from '../preferences/context';
import { useMay } from '../session/context';

/** Whom a caller can be put through to in an emergency, by the words of the screen's language (R281). */
export function useEmergencies(): { name: string; label: string }[] {
  const { language } = usePreferences();
  const contacts = api.useQuery('get', '/api/v1/emergency-contacts', {}, { enabled: useMay('see_agents') });
  const items = contacts.data?.items ?? [];
  return items.map(({ name, label, label_en, number, agent, line }) => {
    const word = language === 'en' ? (label_en ?? label) : label;
    return { name, label: [word, number ?? agent ?? line].filter(Boolean).join(' ') };
  });
}
