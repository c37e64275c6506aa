import type { Schema } from '../api/types';

/** The values of a line's form, by the names of its fields. */
export type Values = Readonly<Record<string, unknown>>;

/** What somebody has written of a call so far. */
export interface Draft {
  text: string;
  fields: Values;
}

/** A draft that the service does not have yet, and the version that it was begun from. */
export interface Unsent {
  draft: Draft;
  base: number;
}

export const EMPTY: Draft = { text: '', fields: {} };

/** What a saved version says. */
export function draftOf(note: Schema<'Note'> | undefined): Draft {
  return note ? { text: note.text ?? '', fields: note.fields } : EMPTY;
}

export function isSame(one: Draft, other: Draft): boolean {
  return one.text === other.text && JSON.stringify(one.fields) === JSON.stringify(other.fields);
}

/** Where drafts are kept until the service has them: a reload loses none. */
export interface Keep {
  read: () => Unsent | undefined;
  write: (unsent: Unsent) => void;
  drop: () => void;
}

/** In the browser, by user and call. */
export function keepIn(storage: Storage, user: string, call: string): Keep {
  const key = `thirdring.note.${user}.${call}`;
  return {
    read: () => {
      try {
        const kept = JSON.parse(storage.getItem(key) ?? 'null') as Partial<Unsent> | null;
        const { draft, base } = kept ?? {};
        if (typeof draft?.text !== 'string' || typeof draft.fields !== 'object') return undefined;
        return typeof base === 'number' ? { draft, base } : undefined;
      } catch {
        return undefined;
      }
    },
    write: (unsent) => {
      try {
        storage.setItem(key, JSON.stringify(unsent));
      } catch {
        // Without room it lasts as long as the page.
      }
    },
    drop: () => storage.removeItem(key),
  };
}
