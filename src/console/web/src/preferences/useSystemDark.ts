import { useSyncExternalStore } from 'react';

const query = '(prefers-color-scheme: dark)';

function subscribe(changed: () => void): () => void {
  const list = matchMedia(query);
  list.addEventListener('change', changed);
  return () => list.removeEventListener('change', changed);
}

/** Whether the system likes it dark. */
export function useSystemDark(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
