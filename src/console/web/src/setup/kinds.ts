/** How a key is asked for. */
export type Ask =
  | 'text'
  | 'texts'
  | 'number'
  | 'flag'
  | 'duration'
  | 'prompt'
  | 'password'
  | 'agents'
  | 'queue'
  | 'calendar'
  | { choices: readonly Choice[] };

/** Keys of a section that have a field of their own; all others are edited as they are written. */
export interface Kind {
  keys: readonly (readonly [key: string, ask: Ask])[];
}

const PROFILES = [
  'within_3',
  'within_3_strict',
  'between_2_and_3',
  'after_2_before_3',
  'before_3',
  'at_2',
  'max_5',
  'immediate',
] as const;

const STRATEGIES = [
  'longest_idle',
  'round_robin',
  'fewest_calls',
  'linear',
  'skills',
  'ring_all',
] as const;

const RECORDINGS = ['required', 'preferred', 'on_demand', 'off'] as const;

/** Every word that can be chosen. */
export type Choice = (typeof PROFILES | typeof STRATEGIES | typeof RECORDINGS)[number];

export const KINDS = {
  line: {
    keys: [
      ['numbers', 'texts'],
      ['agents', 'agents'],
      ['queue', 'queue'],
      ['profile', { choices: PROFILES }],
      ['calendar', 'calendar'],
      ['notice', 'prompt'],
      ['announcement', 'prompt'],
      ['hold_music', 'prompt'],
      ['wrap_up', 'duration'],
      ['min_ring', 'duration'],
      ['max_preanswer', 'duration'],
      ['callback_within', 'duration'],
      ['urgency', 'number'],
      ['record', { choices: RECORDINGS }],
    ],
  },
  queue: {
    keys: [
      ['agents', 'agents'],
      ['strategy', { choices: STRATEGIES }],
      ['minimum', 'number'],
    ],
  },
  agent: {
    keys: [
      ['name', 'text'],
      ['password', 'password'],
      ['trainee', 'flag'],
      ['max_calls', 'number'],
      ['nat', 'flag'],
    ],
  },
  calendar: {
    keys: [
      ['hours', 'texts'],
      ['closed_on_holidays', 'flag'],
    ],
  },
  outbound: {
    keys: [
      ['agents', 'agents'],
      ['prefixes', 'texts'],
      ['deny', 'texts'],
      ['trunk', 'text'],
      ['caller_id', 'text'],
      ['concurrent', 'number'],
      ['per_minute', 'number'],
      ['per_day', 'number'],
    ],
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;
