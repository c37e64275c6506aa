import type { Schema } from '../api/types';

/** Somebody whom a caller can be passed to. */
export interface Target {
  key: string;
  name: string;
  detail?: string | undefined;
  /** What an agent is doing now. */
  state?: string | undefined;
  whom: Schema<'Target'>;
  /** Whether one can ask there while the caller waits: not a whole line. */
  mayAsk: boolean;
  /** Ringing there may be of use. */
  isThere: boolean;
}

/** States in which a phone can be rung for somebody else's call. */
const THERE = ['ready', 'busy', 'wrap_up'];
/** A number that somebody may dial: digits, and what is written between them. */
const NUMBER = /^\+?[\d\s()-]{3,20}$/;

/** Colleagues first, those who are free before the others, then departments, then a number. */
export function targetsOf(
  agents: readonly Schema<'Agent'>[],
  lines: readonly Schema<'Line'>[],
  own: { extension: string; line: string | undefined },
  text: string,
): Target[] {
  const wanted = text.trim().toLowerCase();
  const isWanted = (...words: string[]) => words.some((word) => word.toLowerCase().includes(wanted));
  const colleagues = agents
    .filter(({ id, name }) => id !== own.extension && isWanted(id, name))
    .map((agent) => ({
      key: `agent ${agent.id}`,
      name: agent.name || agent.id,
      detail: agent.name ? agent.id : undefined,
      state: agent.state,
      whom: { agent: agent.id },
      mayAsk: true,
      isThere: THERE.includes(agent.state),
    }))
    .sort((one, other) => rank(one.state) - rank(other.state));
  const departments = lines
    .filter(({ id }) => id !== own.line && isWanted(id))
    .map(({ id }) => ({ key: `line ${id}`, name: id, whom: { line: id }, mayAsk: false, isThere: true }));
  const number = text.trim();
  const dialled = NUMBER.test(number)
    ? [{ key: 'number', name: number, whom: { number: number.replace(/[\s()-]/g, '') }, mayAsk: true, isThere: true }]
    : [];
  return [...colleagues, ...departments, ...dialled];
}

function rank(state: string): number {
  const place = THERE.indexOf(state);
  return place < 0 ? THERE.length : place;
}
