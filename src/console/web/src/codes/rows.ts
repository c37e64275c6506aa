import type { Schema } from '../api/types';

/** A code as it is edited. The rows of a tree stand as it is read, each kind under what it is a kind of. */
export interface Row {
  /** Stays, whatever the code is called meanwhile. */
  id: string;
  code: string;
  name: string;
  name_en: string;
  retired: boolean;
  /** No call can have it yet: it may be called otherwise, or go. */
  isNew: boolean;
  /** How many there are above it. */
  depth: number;
}

/** A code as a line's section has it. */
export interface Written {
  code: string;
  name: string;
  name_en?: string;
  parent?: string;
  retired?: boolean;
}

/** Where a row is put, seen from another one. */
export type Place = 'before' | 'after' | 'inside';
/** A step that a row takes. */
export type Step = 'up' | 'down' | 'in' | 'out';

/** The rows of a tree, whatever the order of its codes. */
export function rowsOf(codes: readonly Schema<'Code'>[]): Row[] {
  const under = (parent: string | null, depth: number): Row[] =>
    codes
      .filter((code) => (code.parent ?? null) === parent)
      .flatMap(({ code, name, name_en, retired }) => [
        { id: code, code, name, name_en: name_en ?? '', retired, isNew: false, depth },
        ...under(code, depth + 1),
      ]);
  return under(null, 0);
}

/** The codes that rows stand for, as a section has them. */
export function written(rows: readonly Row[]): Written[] {
  return rows.map((row, at) => {
    const parent = parentOf(rows, at);
    return {
      code: row.code.trim(),
      name: row.name.trim(),
      ...(row.name_en.trim() ? { name_en: row.name_en.trim() } : {}),
      ...(parent ? { parent: parent.code.trim() } : {}),
      ...(row.retired ? { retired: true } : {}),
    };
  });
}

/** What the row at this place is a kind of. */
export function parentOf(rows: readonly Row[], at: number): Row | undefined {
  const depth = rows[at]?.depth ?? 0;
  return rows.slice(0, at).findLast((row) => row.depth < depth);
}

/** Nobody chooses it: it is retired, or something that it is a kind of. */
export function isOut(rows: readonly Row[], at: number): boolean {
  const row = rows[at];
  if (!row) return false;
  if (row.retired) return true;
  const parent = parentOf(rows, at);
  return parent !== undefined && isOut(rows, rows.indexOf(parent));
}

/** The place after the last row under this one. */
function endOf(rows: readonly Row[], at: number): number {
  const depth = rows[at]?.depth ?? 0;
  const next = rows.findIndex((row, place) => place > at && row.depth <= depth);
  return next < 0 ? rows.length : next;
}

/** Takes a row with everything under it one step; where there is no way the rows stay as they are. */
export function step(rows: readonly Row[], id: string, way: Step): Row[] {
  const at = rows.findIndex((row) => row.id === id);
  const row = rows[at];
  if (!row) return [...rows];
  const isSibling = ({ depth }: Row) => depth === row.depth;
  const parent = parentOf(rows, at);
  const first = parent ? rows.indexOf(parent) + 1 : 0;
  const before = rows.slice(first, at).findLast(isSibling);
  const next = rows[endOf(rows, at)];
  switch (way) {
    case 'up':
      return before ? put(rows, id, before.id, 'before') : [...rows];
    case 'down':
      return next && isSibling(next) ? put(rows, id, next.id, 'after') : [...rows];
    case 'in':
      return before ? put(rows, id, before.id, 'inside') : [...rows];
    case 'out':
      return parent ? put(rows, id, parent.id, 'after') : [...rows];
  }
}

/** Puts a row with everything under it elsewhere; nothing goes under itself. */
export function put(rows: readonly Row[], id: string, target: string, place: Place): Row[] {
  const at = rows.findIndex((row) => row.id === id);
  const moved = rows.slice(at, endOf(rows, at));
  const own = moved[0];
  if (at < 0 || !own || moved.some((row) => row.id === target)) return [...rows];
  const rest = rows.filter((row) => !moved.includes(row));
  const to = rest.findIndex((row) => row.id === target);
  const there = rest[to];
  if (!there) return [...rows];
  const depth = there.depth + (place === 'inside' ? 1 : 0);
  const shifted = moved.map((row) => ({ ...row, depth: row.depth - own.depth + depth }));
  return rest.toSpliced(place === 'before' ? to : endOf(rest, to), 0, ...shifted);
}

/** A new row under another one, or at the end. */
export function add(rows: readonly Row[], under: string | undefined, id: string): Row[] {
  const fresh = { id, code: '', name: '', name_en: '', retired: false, isNew: true };
  const at = rows.findIndex((row) => row.id === under);
  const parent = rows[at];
  if (!parent) return [...rows, { ...fresh, depth: 0 }];
  // A kind is mostly called by what it is a kind of.
  const code = parent.code ? `${parent.code}.` : '';
  return rows.toSpliced(endOf(rows, at), 0, { ...fresh, code, depth: parent.depth + 1 });
}

/** Takes a new row away, with what is under it. */
export function drop(rows: readonly Row[], id: string): Row[] {
  const at = rows.findIndex((row) => row.id === id);
  return at < 0 ? [...rows] : rows.toSpliced(at, endOf(rows, at) - at);
}

/** Whether a row can be taken away: nothing in it is known to anybody yet. */
export function canGo(rows: readonly Row[], id: string): boolean {
  const at = rows.findIndex((row) => row.id === id);
  return at >= 0 && rows.slice(at, endOf(rows, at)).every(({ isNew }) => isNew);
}

/** What a row lacks. */
export type Fault = 'codeMissing' | 'codeTwice' | 'codeWrong' | 'nameMissing';

/** The first thing that is wrong with each row, by its id. */
export function faultsOf(rows: readonly Row[]): Map<string, Fault> {
  const faults = new Map<string, Fault>();
  for (const { id, code, name } of rows) {
    const own = code.trim();
    const isTwice = rows.some((other) => other.id !== id && other.code.trim() === own);
    if (own === '') faults.set(id, 'codeMissing');
    else if (/\s/.test(own) || own.endsWith('.')) faults.set(id, 'codeWrong');
    else if (isTwice) faults.set(id, 'codeTwice');
    else if (name.trim() === '') faults.set(id, 'nameMissing');
  }
  return faults;
}
