import { createContext, useContext, useEffect, useEffectEvent, useSyncExternalStore } from 'react';

import type { EventKinds, Kind } from './kinds';
import { type Connection, Stream } from './stream';

export const StreamContext = createContext(new Stream());

/** Does something at each event of a kind: `useEvent('ring', ({ call, ring }) => ...)`. */
export function useEvent<K extends Kind>(kind: K, listener: (data: EventKinds[K]) => void): void {
  const stream = useContext(StreamContext);
  const heard = useEffectEvent(listener);
  useEffect(() => stream.on(kind, (data) => heard(data)), [stream, kind]);
}

/** How the connection to the service is. */
export function useConnection(): Connection {
  const stream = useContext(StreamContext);
  return useSyncExternalStore(
    (changed) => stream.watch(changed),
    () => stream.connection,
  );
}
