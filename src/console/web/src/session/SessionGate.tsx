import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, lazy, useEffect } from 'react';

import { api } from '../api/client';
import { Problem } from '../api/problem';
import { usePreferences } from '../preferences/context';
import { ErrorState } from '../states/ErrorState';
import { Loading } from '../states/Loading';
import { setSiteZone } from '../time/format';
import { AccountContext } from './context';

const LogIn = lazy(() => import('../login/LogIn'));

/** Shows what is below it to whoever is logged in, and the log-in page to all others. */
export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { becomeUser } = usePreferences();
  const session = api.useQuery('get', '/api/v1/session', {}, { retry: isUnanswered });
  const name = session.data?.name;

  useEffect(() => {
    if (name !== undefined) becomeUser(name);
  }, [name, becomeUser]);

  if (isLoggedOut(session.error)) {
    return (
      <Suspense fallback={<Loading />}>
        <LogIn onLoggedIn={() => void queries.resetQueries()} />
      </Suspense>
    );
  }
  if (!session.data) {
    if (!session.error) return <Loading />;
    return <ErrorState error={session.error} onRetry={() => void session.refetch()} />;
  }
  setSiteZone(session.data.time_zone);
  return <AccountContext value={session.data}>{children}</AccountContext>;
}

const isLoggedOut = (error: unknown) => error instanceof Problem && error.status === 401;

/** A service that starts again is waited for. */
function isUnanswered(count: number, error: unknown): boolean {
  return count < 10 && error instanceof Problem && (error.status === 0 || error.status >= 502);
}
