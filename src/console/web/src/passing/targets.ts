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

/** Somebody in the directory. */
export interface Entry {
  name: string;
  department?: string | null;
  function?: string | null;
  agent?: string | null;
  line?: string | null;
  number?: string | null;
  can_be_target?: boolean | null;
}

/**
 * Colleagues first, those who are free before the others, then departments, then who else is in the
 * directory, then a number.
 */
export function targetsOf(
  agents: readonly Pick<Schema<'Agent'>, 'id' | 'name' | 'state'>[],
  lines: readonly Pick<Schema<'Line'>, 'id'>[],
  entries: readonly Entry[],
  own: { extension: string; line: string | undefined },
  text: string,
): Target[] {
  const wanted = text.trim().toLowerCase();
  const isWanted = (...words: string[]) => words.some((word) => word.toLowerCase().includes(wanted));
  const entryOf = (agent: string) => entries.find((entry) => entry.agent === agent);
  const whatOf = (entry: Entry | undefined) => [entry?.department, entry?.function].filter(Boolean).join(' · ');
  const colleagues = agents
    .filter(({ id, name }) => id !== own.extension && (isWanted(id, name) || entryOf(id) !== undefined))
    .map((agent) => ({
      key: `agent ${agent.id}`,
      name: agent.name || agent.id,
      detail: [agent.name ? agent.id : '', whatOf(entryOf(agent.id))].filter(Boolean).join(' · ') || undefined,
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
  // The service has found these by what was typed: by name, initials, number or department.
  const others = entries.flatMap((entry) => {
    const { name, agent, line, number } = entry;
    if (agent || line || !number) return [];
    const isThere = entry.can_be_target !== false;
    return [{ key: `entry ${number} ${name}`, name, detail: whatOf(entry) || number, whom: { number }, mayAsk: true, isThere }];
  });
  return [...colleagues, ...departments, ...others, ...dialled];
}

function rank(state: string): number {
  const place = THERE.indexOf(state);
  return place < 0 ? THERE.length : place;
}
