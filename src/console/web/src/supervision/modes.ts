/** How somebody can be beside a call: heard by nobody, by the agent, by both. */
export const MODES = ['listen', 'whisper', 'barge'] as const;

export type Mode = (typeof MODES)[number];

export const modeOf = (word: string): Mode => MODES.find((mode) => mode === word) ?? 'listen';
