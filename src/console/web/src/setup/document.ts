import { type Ask, type Choice, KINDS, type KindName } from './kinds';

/** A section's keys and values, as the configuration file has them. */
export type Document = Record<string, unknown>;

/** A section in two parts: what has a field, and the rest as it is written. */
export interface Parts {
  fields: Document;
  rest: string;
}

/** What the service shows beside what was set up, and the key of a section's name, which it writes itself. */
const shownOnly = (kind: KindName) => ['has_password', kind === 'agent' ? 'extension' : 'name'];

/** Takes a document apart for its form. */
export function apart(kind: KindName, document: Document): Parts {
  const known = new Set<string>(KINDS[kind].keys.map(([key]) => key));
  const entries = Object.entries(document).filter(([key]) => !shownOnly(kind).includes(key));
  const fields = Object.fromEntries(entries.filter(([key, value]) => known.has(key) && isPlain(value)));
  const rest = Object.fromEntries(entries.filter(([key]) => !(key in fields)));
  const isEmpty = Object.keys(rest).length === 0;
  return { fields, rest: isEmpty ? '' : JSON.stringify(rest, null, 2) };
}

/** A profile of the line's own, say, is a table: it has no field. */
function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || Array.isArray(value);
}

/** Puts a form together again; what is empty is left out, so that the default counts. */
export function together({ fields, rest }: Parts): Document {
  const written = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  return { ...readRest(rest), ...Object.fromEntries(written) };
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}

/** Reads the rest as it is written; throws where it is no table. */
export function readRest(rest: string): Document {
  if (rest.trim() === '') return {};
  const read: unknown = JSON.parse(rest);
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new SyntaxError(rest);
  return read as Document;
}

/** Whether the key is one of several words that the service knows. */
export function choicesOf(ask: Ask): readonly Choice[] | undefined {
  return typeof ask === 'object' ? ask.choices : undefined;
}
