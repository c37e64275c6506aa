import type { Schema } from '../api/types';
import { useTexts } from './texts';

const PARTS = ['listener', 'database', 'log', 'recorder', 'copies', 'disk', 'trunk', 'phones'] as const;

/** What the service may say of a part. */
const CODES = [
  'stopping',
  'database_away',
  'database_away_and_no_journal',
  'log_waits',
  'recorder_behind',
  'copies_late',
  'folder_missing',
  'disk_full',
  'disk_low',
  'trunk_down',
  'trunk_full',
  'trunk_unknown',
  'nobody_reachable',
  'phones_unreachable',
] as const;

/** Gives a function that says what a part is and what to do; what has no words here is told in the service's. */
export function useSignText(): (sign: Schema<'Sign'>) => { title: string; advice: string } {
  const t = useTexts();
  return ({ part, name, code, advice }) => {
    const known = PARTS.find((one) => one === part);
    const word = known ? t(`part.${known}`) : part;
    const said = CODES.find((one) => one === code);
    return { title: name ? `${word} · ${name}` : word, advice: said ? t(`code.${said}`) : advice };
  };
}
