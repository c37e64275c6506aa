import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { Problem } from '../api/problem';

/** The session's query, by which the whole console knows who is there. */
const SESSION = ['get', '/api/v1/session'];

/** What has been read, and when it is read anew. */
export function makeQueries(): QueryClient {
  // Whoever is told that he is logged out gets the log-in page.
  const onError = (error: unknown) => {
    if (error instanceof Problem && error.status === 401) {
      void queries.invalidateQueries({ queryKey: SESSION });
    }
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[1] !== SESSION[1]) onError(error);
      },
    }),
    mutationCache: new MutationCache({
      onError: (error, _, __, mutation) => {
        if (mutation.options.mutationKey?.[1] !== SESSION[1]) onError(error);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What is refused once is refused again; a service that is away may come back.
        retry: (count, error) => count < 3 && error instanceof Problem && isPassing(error),
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
  return queries;
}

function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 502;
}
