import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import type { Document } from './document';
import type { KindName } from './kinds';
import { useTexts } from './texts';

interface Saving {
  save: (document: Document, reason: string) => void;
  isSaving: boolean;
  error: unknown;
  /** Has everything read anew: a change of one section may show elsewhere. */
  invalidate: () => Promise<void>;
}

/** Sets a section up, over the version that was seen and no other. */
export function useSaveSection(kind: KindName, { name, version }: Pick<Schema<'SetupSection'>, 'name' | 'version'>): Saving {
  const t = useTexts();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const invalidate = () => queries.invalidateQueries();
  const put = api.useMutation('put', '/api/v1/setup/{kind}/{name}', {
    onSuccess: () => {
      void message.success(t('saved'));
      return invalidate();
    },
  });
  const save = (document: Document, reason: string) => {
    const params = { path: { kind, name }, header: { 'If-Match': `"${version}"` } };
    put.mutate({ params, body: { document: document as never, reason } });
  };
  return { save, isSaving: put.isPending, error: put.error, invalidate };
}
