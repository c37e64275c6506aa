import type { ReactNode } from 'react';

import { Problem } from '../api/problem';
import { ErrorState } from './ErrorState';
import { Loading } from './Loading';
import { NoPermission } from './NoPermission';

/** As much of a query as is needed to show it. */
interface Shown<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
}

/** What a query brought, or that it is on its way, or why it did not come. */
export function Loaded<T>({ query, children }: { query: Shown<T>; children: (data: T) => ReactNode }) {
  // What is there stays, though it could not be read anew: the connection's banner says so.
  if (query.data !== undefined) return children(query.data);
  if (query.error instanceof Problem && query.error.status === 403) return <NoPermission />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}
