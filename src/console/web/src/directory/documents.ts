import type { Schema } from '../api/types';

export type NewEntry = Schema<'NewEntry'>;
export type NewMatter = Schema<'NewMatter'>;

/** Keys and values with what is empty left out: the service keeps nothing of it. */
function said<T extends object>(document: T): T {
  const isSaid = (value: unknown) =>
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
  const trimmed = Object.entries(document).map(([key, value]): [string, unknown] => [
    key,
    typeof value === 'string' ? value.trim() : value,
  ]);
  return Object.fromEntries(trimmed.filter(([, value]) => isSaid(value))) as T;
}

/** What an entry says, of what the directory shows. */
export function entryOf(shown: Partial<Schema<'DirectoryEntry'>>): NewEntry {
  return {
    name: shown.name ?? '',
    kind: shown.kind ?? 'person',
    department: shown.department ?? null,
    function: shown.function ?? null,
    agent: shown.agent ?? null,
    line: shown.line ?? null,
    number: shown.number ?? null,
    mobile: shown.mobile ?? null,
    hours: shown.hours ?? [],
    substitute: shown.substitute ?? null,
    leader: shown.leader ?? null,
    initials: shown.initials ?? null,
    note: shown.note ?? null,
  };
}

/** What a matter says, of what the list shows. */
export function matterOf(shown: Partial<Schema<'Matter'>>): NewMatter {
  return {
    name: shown.name ?? '',
    purposes: shown.purposes ?? [],
    keywords: shown.keywords ?? [],
    department: shown.department ?? '',
    contacts: shown.contacts ?? [],
    hours: shown.hours ?? [],
    substitute: shown.substitute ?? null,
    out_of_scope: shown.out_of_scope ?? false,
    say: shown.say ?? null,
  };
}

/** An entry as it is sent. */
export function writtenEntry(entry: NewEntry): NewEntry {
  // Numbers are written in groups, and sent as they are dialled.
  const dialled = (number: string | null | undefined) => number?.replace(/[\s()-]/g, '') ?? null;
  return said({ ...entry, number: dialled(entry.number), mobile: dialled(entry.mobile) });
}

/** A matter as it is sent. */
export function writtenMatter(matter: NewMatter): NewMatter {
  return said(matter);
}

/** Every department that somebody belongs to or answers for, once. */
export function departmentsOf(
  entries: readonly Pick<Schema<'DirectoryEntry'>, 'name' | 'kind' | 'department'>[],
  matters: readonly Pick<Schema<'Matter'>, 'department'>[] = [],
): string[] {
  const own = entries.flatMap(({ name, kind, department }) => [
    ...(kind === 'person' ? [] : [name]),
    ...(department ? [department] : []),
  ]);
  return [...new Set([...own, ...matters.map(({ department }) => department)])].sort((one, other) =>
    one.localeCompare(other),
  );
}
