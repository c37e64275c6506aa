/** An agent's states, and the colour that goes with the word. */
export const STATES = [
  { name: 'offline', colour: 'default' },
  { name: 'unreachable', colour: 'error' },
  { name: 'ready', colour: 'success' },
  { name: 'busy', colour: 'warning' },
  { name: 'break', colour: 'warning' },
  { name: 'away', colour: 'warning' },
  { name: 'absent', colour: 'error' },
  { name: 'ringing', colour: 'processing' },
  { name: 'talking', colour: 'processing' },
  { name: 'wrap_up', colour: 'processing' },
] as const;
