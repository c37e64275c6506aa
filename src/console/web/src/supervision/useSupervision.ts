import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import { useProblemText } from '../api/useProblemText';
import type { Mode } from './modes';

/** What a supervisor does with a running call. */
export interface Supervision {
  /** What is being asked of the service now. */
  pending: Mode | 'take-over' | 'stop' | undefined;
  /** Has the supervisor's own phone rung. */
  begin: (mode: Mode) => void;
  turn: (mode: Mode) => void;
  takeOver: () => void;
  leave: () => void;
}

/** Carries that out, and says why where it cannot be done. */
export function useSupervision(id: string): Supervision {
  const { message } = App.useApp();
  const problemText = useProblemText();
  const queries = useQueryClient();
  const [pending, setPending] = useState<Supervision['pending']>();
  const params = { path: { id } };

  const ask = async (what: Supervision['pending'], send: () => Promise<unknown>): Promise<void> => {
    setPending(what);
    try {
      await send();
    } catch (error) {
      const { title, advice } = problemText(error);
      void message.error(`${title} ${advice}`);
      // It has moved on without our having been told.
      void queries.invalidateQueries({ queryKey: ['get', '/api/v1/calls'] });
    } finally {
      setPending(undefined);
    }
  };
  const path = '/api/v1/calls/{id}/supervision';
  return {
    pending,
    begin: (mode) => void ask(mode, () => client.POST(path, { params, body: { mode } })),
    turn: (mode) => void ask(mode, () => client.PATCH(path, { params, body: { mode } })),
    takeOver: () => void ask('take-over', () => client.POST(`${path}/take-over`, { params })),
    leave: () => void ask('stop', () => client.POST(`${path}/stop`, { params })),
  };
}
