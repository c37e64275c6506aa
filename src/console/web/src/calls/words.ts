/** How calls end, in the service's words, and the colour that goes with ours. */
export const OUTCOMES = [
  { name: 'answered', colour: 'success' },
  { name: 'abandoned', colour: 'error' },
  { name: 'announcement', colour: 'warning' },
  { name: 'message', colour: 'processing' },
  { name: 'no_agent', colour: 'error' },
  { name: 'unknown_number', colour: 'default' },
  { name: 'refused', colour: 'default' },
  { name: 'not_reached', colour: 'warning' },
  { name: 'echo', colour: 'default' },
  { name: 'recording_unavailable', colour: 'error' },
  { name: 'failed', colour: 'error' },
  { name: 'interrupted', colour: 'error' },
] as const;

/** What an answer, or its absence, was worth. */
export const GRADES = [
  { name: 'early', colour: 'processing' },
  { name: 'on_target', colour: 'success' },
  { name: 'acceptable', colour: 'default' },
  { name: 'late', colour: 'error' },
  { name: 'abandoned_in_time', colour: 'warning' },
  { name: 'abandoned_late', colour: 'error' },
] as const;

export const DIRECTIONS = ['in', 'out', 'internal'] as const;

/** Who ended a call. */
export const HANGUP_PARTIES = ['caller', 'agent', 'system'] as const;

/** What somebody should look at. */
export const FLAGS = [
  'late', 'agent_first', 'stage_exceeded', 'talk_long', 'passed_on_often', 'emergency', 'withheld', 'anonymous', 'unclosed',
] as const;
