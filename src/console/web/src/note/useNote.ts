import { useEffect, useState, useSyncExternalStore } from 'react';

import { api, client } from '../api/client';
import type { Schema } from '../api/types';
import { useAccount } from '../session/context';
import { keepIn } from './draft';
import { NoteSaver, type State } from './saver';

export interface NoteInHand {
  state: State;
  saver: NoteSaver;
  /** The newest version that the service has. */
  newest: Schema<'Note'> | undefined;
  error: unknown;
  /** Looks which version is the newest. */
  look: () => Promise<Schema<'Note'> | undefined>;
}

/** The note of a call, saved as it is typed. A component that uses it has the call as its key. */
export function useNote(call: string): NoteInHand {
  const { name } = useAccount();
  const params = { path: { id: call } };
  const { data, error, refetch } = api.useQuery('get', '/api/v1/calls/{id}/notes', { params }, { retry: 5, retryDelay: 300 });
  const [saver] = useState(
    () =>
      new NoteSaver(async ({ text, fields }, base) => {
        // The document says of the form only that it is an object.
        const body = { text, fields: fields as Record<string, never>, base };
        const saved = await client.PUT('/api/v1/calls/{id}/note', { params: { path: { id: call } }, body });
        return saved.data?.version ?? base + 1;
      }, keepIn(localStorage, name, call)),
  );
  const state = useSyncExternalStore(saver.watch, () => saver.state);
  const newest = data?.items.at(-1);

  useEffect(() => {
    if (data) saver.newest(data.items.at(-1));
  }, [data, saver]);
  const isConflict = state.status === 'conflict';
  useEffect(() => {
    if (isConflict) void refetch();
  }, [isConflict, refetch]);
  useEffect(() => {
    const leave = () => saver.flush();
    window.addEventListener('online', leave);
    return () => {
      window.removeEventListener('online', leave);
      // What is unsent is sent by the timer that still runs, or by the next page.
      leave();
    };
  }, [saver]);
  const look = async () => (await refetch()).data?.items.at(-1);
  return { state, saver, newest, error, look };
}
