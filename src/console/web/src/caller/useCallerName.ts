import type { OwnCall } from '../owncall/useOwnCall';
import { useTexts } from './texts';

/** What a caller is called in a line: as the customer is spoken to, else by the masked number. */
export function useCallerName({ call }: OwnCall): string {
  const t = useTexts();
  if (!call) return t('loading');
  const { customer, caller, callee, withheld } = call;
  if (customer) return customer.form ? t('formed', { name: customer.name, form: customer.form }) : customer.name;
  const party = caller ?? callee;
  if (party) return party.number;
  return t(withheld ? 'withheld' : 'anonymous');
}
