import { Problem } from './problem';
import { useTexts } from './texts';

/** What a problem means for the one in front of the screen, and what to do. */
export interface ProblemText {
  title: string;
  advice: string;
  /** What the service said, word for word, where that adds something. */
  detail: string | undefined;
}

/** Codes that have a text of their own; others are told by their status. */
const CODES = [
  'wrong_password',
  'foreign_origin',
  'note_changed',
  'customer_changed',
  'task_state',
  'held',
  'number_taken',
  'unfit',
  'too_long',
  'wrong_state',
  'phone_cannot',
  'unavailable',
  'no_such_target',
  'no_phone',
  'no_such_call',
  'not_yours',
  'withheld',
  'anonymous',
  'own_call',
  'too_many_streams',
  'missing',
  'deleted',
  'outside',
  'no_number',
  'no_customer',
  'in_progress',
  'outcome_unknown',
  'key_reused',
  'reason_wanted',
  'skips_level',
  'no_such_agent',
  'no_such_line',
  'no_such_queue',
  'changed',
  'exists',
  'prompt',
  'in_use',
  'unusable',
  'not_kept',
  'stopping',
  'too_many',
  'setup_moved',
  'no_line',
  'closed',
  'nobody_tells',
] as const;

const STATUSES = [0, 400, 401, 403, 404, 409, 412, 413, 422, 429, 500, 502, 503] as const;

/** Gives a function that says what to do about an error. */
export function useProblemText(): (error: unknown) => ProblemText {
  const t = useTexts();
  return (error) => {
    if (!(error instanceof Problem)) {
      return { title: t('title.500'), advice: t('advice.500'), detail: undefined };
    }
    const detail = error.document.detail || undefined;
    const code = CODES.find((known) => known === error.code);
    if (code) return { title: t(`title.${code}`), advice: t(`advice.${code}`), detail };
    const status = STATUSES.find((known) => known === error.status) ?? 500;
    return { title: t(`title.${status}`), advice: t(`advice.${status}`), detail };
  };
}
