import { api } from '../api/client';
import type { Schema } from '../api/types';
import { usePreferences } from '../preferences/context';
import { useMay } from '../session/context';
import { nameOf } from './codes';

/** What a line asks for, as far as one may see it. */
export function useLineCodes(line: string | null | undefined): Schema<'Codes'> | undefined {
  const enabled = useMay('see_queues') && line != null;
  const params = { path: { id: line ?? '' } };
  return api.useQuery('get', '/api/v1/lines/{id}/codes', { params }, { enabled }).data;
}

/** Gives what people read for a code of a line's; the code itself where nobody knows it any more. */
export function useCodeName(line: string | null | undefined): (code: string) => string {
  const { language } = usePreferences();
  const codes = useLineCodes(line);
  const known = [...(codes?.purposes ?? []), ...(codes?.outcomes ?? [])];
  return (wanted) => {
    const found = known.find(({ code }) => code === wanted);
    return found ? nameOf(found, language) : wanted;
  };
}
