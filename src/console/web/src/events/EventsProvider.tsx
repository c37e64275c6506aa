import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';

import { useMay } from '../session/context';
import { StreamContext } from './context';
import { feed } from './feed';
import { Stream } from './stream';

/** Follows what happens, for those who may, and keeps what the queries have fetched up to date. */
export function EventsProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const mayFollow = useMay('follow_events');
  const [stream] = useState(() => new Stream());

  useEffect(() => {
    if (!mayFollow) return undefined;
    const stop = feed(stream, queries);
    const close = stream.open();
    return () => {
      close();
      stop();
    };
  }, [stream, queries, mayFollow]);
  return <StreamContext value={stream}>{children}</StreamContext>;
}
