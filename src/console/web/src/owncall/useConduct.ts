import { App } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import { Problem } from '../api/problem';
import type { Schema } from '../api/types';
import { useProblemText } from '../api/useProblemText';

/** Orders about a running call that have nothing to say. */
export type Order =
  | 'talk'
  | 'retrieve'
  | 'mute'
  | 'unmute'
  | 'release'
  | 'park'
  | 'escalate'
  | 'hand/raise'
  | 'hand/lower'
  | 'consult/complete'
  | 'consult/cancel'
  | 'consult/join';

/** Whom to pass a caller to, or to ask. */
export type Whom = Schema<'Target'>;

/** Carries out what is to be done with a call, and says why where it cannot be done. */
export interface Conduct {
  /** What is being asked of the service now. */
  pending: string | undefined;
  order: (order: Order) => Promise<boolean>;
  hold: () => Promise<boolean>;
  transfer: (whom: Whom) => Promise<boolean>;
  consult: (whom: Whom) => Promise<boolean>;
  hangUp: (reason: string | undefined) => Promise<boolean>;
  record: (turn: 'pause' | 'resume', reason?: string) => Promise<boolean>;
  /** Puts the caller through to an emergency contact (R281). */
  emergency: (contact: string) => Promise<boolean>;
  /** What was agreed with a caller who complains (R108). */
  offerQuality: (done: 'transferred' | 'number_told' | 'declined') => Promise<boolean>;
  /** Says that the call is private, and why (R050, R051). */
  markPrivate: (reason: string) => Promise<boolean>;
}

/** What a phone that cannot be told to answer is known by. */
const isUnable = (error: unknown) => error instanceof Problem && error.code === 'phone_cannot';

export function useConduct(id: string, onPhoneCannot?: () => void): Conduct {
  const { message } = App.useApp();
  const problemText = useProblemText();
  const [pending, setPending] = useState<string>();
  const params = { path: { id } };

  const ask = async (what: string, send: () => Promise<unknown>): Promise<boolean> => {
    setPending(what);
    try {
      await send();
      return true;
    } catch (error) {
      const { title, advice } = problemText(error);
      void message.error(`${title} ${advice}`);
      if (isUnable(error)) onPhoneCannot?.();
      return false;
    } finally {
      setPending(undefined);
    }
  };
  return {
    pending,
    order: (order) => ask(order, () => client.POST(`/api/v1/calls/{id}/${order}`, { params })),
    hold: () => ask('wait', () => client.POST('/api/v1/calls/{id}/wait', { params, body: {} })),
    transfer: (body) => ask('transfer', () => client.POST('/api/v1/calls/{id}/transfer', { params, body })),
    consult: (body) => ask('consult', () => client.POST('/api/v1/calls/{id}/consult', { params, body })),
    hangUp: (reason) =>
      ask('hang-up', () =>
        client.POST('/api/v1/calls/{id}/hang-up', { params, body: reason === undefined ? {} : { reason } }),
      ),
    record: (turn, reason) =>
      ask(turn, () =>
        client.POST('/api/v1/calls/{id}/record', {
          params,
          body: reason === undefined ? { turn } : { turn, reason },
        }),
      ),
    emergency: (contact) =>
      ask('emergency', () => client.POST('/api/v1/calls/{id}/emergency', { params, body: { contact } })),
    offerQuality: (done) =>
      ask(`quality ${done}`, () => client.POST('/api/v1/calls/{id}/quality-desk', { params, body: { done } })),
    markPrivate: (reason) => ask('private', () => client.POST('/api/v1/calls/{id}/private', { params, body: { reason } })),
  };
}
