import { useQueryClient } from '@tanstack/react-query';

import { client } from '../api/client';

/** Ends the session. Calls at the phone go on. */
export function useLogOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await client.DELETE('/api/v1/session');
    // Nothing of one user's stays for the next one.
    queries.clear();
    window.location.assign('/');
  };
}
