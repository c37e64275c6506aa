import { createContext, useContext } from 'react';

import type { Account } from '../api/types';

/** Who is logged in. */
export const AccountContext = createContext<Account | undefined>(undefined);

export function useAccount(): Account {
  const account = useContext(AccountContext);
  if (!account) throw new Error('outside of SessionGate');
  return account;
}

/** What one may do, in the service's own words for it. */
export type Right =
  | 'use_account'
  | 'see_users'
  | 'keep_users'
  | 'see_calls'
  | 'export_calls'
  | 'reveal_number'
  | 'write_up_call'
  | 'conduct_call'
  | 'listen_in'
  | 'join_in'
  | 'see_recordings'
  | 'play_recording'
  | 'take_recording'
  | 'mark_recording'
  | 'see_trace'
  | 'see_agents'
  | 'set_agent'
  | 'see_queues'
  | 'see_statistics'
  | 'see_health'
  | 'see_trunks'
  | 'follow_events'
  | 'read_audit'
  | 'see_customers'
  | 'keep_customers'
  | 'erase_customer'
  | 'keep_directory'
  | 'assign_task'
  | 'switch_line'
  | 'report_incident'
  | 'answer_incident'
  | 'read_reports'
  | 'set_up';

/** Whether the one who is logged in may do this. The service decides; this only hides what would be refused. */
export function useMay(right: Right): boolean {
  return useAccount().may.includes(right);
}
