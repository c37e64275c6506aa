import type { Schema } from '../api/types';
import { momentOf } from '../time/format';

type Wish = Schema<'HandlingWish'>;

/** How a caller's matter can be dealt with (R117). */
export const HANDLINGS = ['answered', 'accepted', 'not_accepted', 'no_longer_accepted'] as const;

/** As it is being filled in; moments as a field of the browser's has them. */
export interface Handling {
  as?: (typeof HANDLINGS)[number] | undefined;
  due_at?: string | undefined;
  unit?: string | undefined;
  written_by?: string | undefined;
  reason?: string | undefined;
}

/** What the service is told; `undefined`: nothing was said, or not all that belongs to it. */
export function wishOf({ as, due_at, unit, written_by, reason }: Handling): Wish | undefined {
  switch (as) {
    case 'answered':
      return { as };
    case 'accepted':
      return due_at ? { as, due_at: momentOf(due_at) } : undefined;
    case 'not_accepted':
      if (!unit?.trim()) return undefined;
      return { as, unit: unit.trim(), ...(written_by ? { written_by: momentOf(written_by) } : {}) };
    case 'no_longer_accepted':
      return reason?.trim() ? { as, reason: reason.trim() } : undefined;
    case undefined:
      return undefined;
  }
}

/** Something was chosen, and what belongs to it is missing. */
export const isIncomplete = (handling: Handling) => handling.as !== undefined && wishOf(handling) === undefined;
