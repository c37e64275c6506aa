import type { Standing } from '../owncall/standing';
import type { Phase } from '../owncall/useOwnCall';

/** Which words are due now; `undefined`: those of the answer, which the service chooses. */
export function momentOf(phase: Phase, { consult, transfer, heldSince, failure }: Standing): string | undefined {
  if (phase === 'wrap_up') return 'close';
  if (phase === 'ringing') return undefined;
  if (transfer) return 'transfer';
  if (consult) return consult.isThree ? undefined : 'consult';
  if (heldSince !== undefined) return 'return';
  return failure === undefined ? undefined : 'unavailable';
}
