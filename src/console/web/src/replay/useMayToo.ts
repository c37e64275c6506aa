import { useAccount } from '../session/context';

/** What one may do with a call's recording and its messages, beside what every screen asks. */
type RightToo = 'mark_recording' | 'see_trace';

/** Whether the one who is logged in may do this. */
export function useMayToo(right: RightToo): boolean {
  return useAccount().may.includes(right);
}
