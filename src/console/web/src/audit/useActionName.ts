import { useTexts } from './texts';

/** What is written down of people, by the word that the log has for it. */
const ACTIONS = [
  'calls.export',
  'campaign.answer',
  'campaign.begin',
  'customer.change',
  'customer.create',
  'customer.erase',
  'customer.list',
  'customer.merge',
  'customer.merged',
  'customer.view',
  'message.read',
  'number.reveal',
  'prompt.put',
  'prompt.remove',
  'record.relay',
  'recording.copy',
  'recording.download',
  'recording.expire',
  'recording.export',
  'recording.hold',
  'recording.leave',
  'recording.play',
  'recording.purge',
  'recording.release',
  'relay.read',
  'report.write',
  'session.begin',
  'session.refuse',
  'setup.put',
  'setup.remove',
  'token.add',
  'token.revoke',
  'user.add',
  'user.change',
  'user.disable',
  'user.enable',
  'user.end_sessions',
  'user.password',
  'user.role',
] as const;

/** Gives a function that says in words what was done; what has no words yet is told as the log has it. */
export function useActionName(): (action: string) => string {
  const t = useTexts();
  return (action) => {
    const known = ACTIONS.find((name) => name === action);
    return known ? t(`action.${known}`) : action;
  };
}
