import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { useEvent } from '../events/context';

/** What happens at the same moment is read together. */
const TOGETHER_MS = 250;
/** What changes with each event of a call, beside what the feed looks after. */
const PATHS = ['/api/v1/calls/{id}/timeline', '/api/v1/calls/{id}/recording'];

/** Keeps a call that goes on, or whose recording is not sealed yet, up to date. */
export function useFresh(id: string): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEvent('call', ({ call }) => {
    if (call !== id) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const path of PATHS) void queries.invalidateQueries({ queryKey: ['get', path] });
    }, TOGETHER_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
