import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

import { client } from '../api/client';
import type { Schema } from '../api/types';
import { useEvent } from '../events/context';
import { type Filters, queryOf } from './filters';

/** Calls that are read at a time. */
const PAGE = 200;
/** Events that change what a row says. */
const TELLING = ['arrived', 'answered', 'ended', 'recording_sealed'];
/** A list that changes is read anew at most so often. */
const TOGETHER_MS = 2000;

interface Page {
  items: Schema<'Call'>[];
  next?: string | null;
}

/**
 * The calls that these filters leave, as far as they have been read. The first page follows what
 * happens; a list that somebody has scrolled stands still, and says that there is news.
 */
export function useCalls(filters: Filters) {
  const query = useMemo(() => queryOf(filters), [filters]);
  const pages = useInfiniteQuery({
    queryKey: ['call-list', query],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }): Promise<Page> => {
      const after = pageParam === undefined ? {} : { after: pageParam };
      const params = { query: { ...query, ...after, limit: PAGE } };
      const { data } = await client.GET('/api/v1/calls', { params });
      return data ?? { items: [] };
    },
    getNextPageParam: ({ next }) => next ?? undefined,
    gcTime: 0,
    // What was read once is not compared with itself at each further page.
    structuralSharing: false,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const rows = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? [], [pages.data]);
  // Which state of the list there was news after.
  const [newsOf, setNewsOf] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { refetch, dataUpdatedAt } = pages;
  const isShort = (pages.data?.pages.length ?? 0) <= 1;
  useEvent('call', ({ kind }) => {
    if (!TELLING.includes(kind)) return;
    if (!isShort) return setNewsOf(dataUpdatedAt);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void refetch();
    }, TOGETHER_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return { pages, rows, hasNews: !isShort && newsOf === dataUpdatedAt };
}
