/** What can come of things, in the service's words. */
export const HOWS = [
  'answered', 'ring_no_answer', 'rejected', 'unreachable', 'cancelled', 'no_answer', 'refused', 'forbidden',
  'caller_left', 'blind', 'attended', 'completed', 'target_left', 'early', 'on_target', 'acceptable', 'late',
  'abandoned_in_time', 'abandoned_late', 'abandoned', 'announcement', 'message', 'no_agent', 'unknown_number',
  'not_reached', 'echo', 'recording_unavailable', 'failed', 'interrupted', 'caller', 'agent', 'system', 'skipped',
  'key', 'no_key', 'wrong_keys', 'silence', 'longest', 'greeting', 'menu', 'survey', 'waiting', 'listen', 'whisper',
  'barge', 'started', 'stopped', 'paused', 'resumed', 'lost', 'overflow',
  'transferred', 'number_told', 'declined', 'ring', 'queue', 'talk', 'hold', 'transfer', 'wrap_up', 'call_back',
] as const;
