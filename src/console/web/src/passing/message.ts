import type { Schema } from '../api/types';

/** A message as it is being taken (R183). */
export interface MessageForm {
  /** `agent 1002` or `entry ID`. */
  whom: string;
  refused?: boolean;
  from?: string;
  number?: string;
  text?: string;
  urgent?: boolean;
}

/** The message that the service is told: of a caller who wants to leave none only for whom. */
export function messageOf({ whom, refused, from, number, text, urgent }: MessageForm): Schema<'NewMessage'> {
  const [kind, id = ''] = whom.split(' ');
  const addressee = kind === 'agent' ? { agent: id } : { entry: id };
  if (refused) return { ...addressee, refused };
  const said = { from: from?.trim(), number: number?.trim(), text: text?.trim() };
  const filled = Object.fromEntries(Object.entries(said).filter(([, value]) => value));
  return { ...addressee, ...filled, refused: false, urgency: urgent ? 'urgent' : 'normal' };
}
