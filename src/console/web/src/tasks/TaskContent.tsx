import type { Schema } from '../api/types';
import { RelayText } from './RelayText';
import { VoiceMessages } from './VoiceMessages';

interface Props {
  task: Schema<'Task'>;
  isMine: boolean;
  onError: (error: unknown) => void;
}

/** What a task brings along: what was said, to be heard or to be read (R184). */
export function TaskContent({ task, isMine, onError }: Props) {
  if (task.kind === 'relay') return <RelayText task={task.id} onError={onError} />;
  // Whoever has taken it on hears it; the service keeps who did.
  if (task.kind === 'message' && isMine) return <VoiceMessages task={task.id} />;
  return null;
}
