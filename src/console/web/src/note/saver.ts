import { Problem } from '../api/problem';
import type { Schema } from '../api/types';
import { type Draft, EMPTY, type Keep, draftOf, isSame } from './draft';

/** How long nobody types before what was typed is sent. */
export const PAUSE_MS = 700;
/** Between two tries while the service is away. */
export const RETRY_MS = 4_000;

/** `conflict`: somebody else has saved a later version meanwhile. */
export type Status = 'loading' | 'saved' | 'unsaved' | 'saving' | 'away' | 'conflict';

export interface State {
  draft: Draft;
  /** The version that the service has, as far as we know; 0 for none. */
  base: number;
  status: Status;
}

/** Sends a draft that was begun from this version; gives the version that it has become. */
export type Send = (draft: Draft, base: number) => Promise<number>;

/** Saves a note as it is typed: not at each key, never two at a time, and nothing twice. */
export class NoteSaver {
  state: State = { draft: EMPTY, base: 0, status: 'loading' };
  private readonly watchers = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: Send,
    private readonly keep: Keep,
  ) {}

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  /** The newest version that the service has; the first time, what an earlier page left is taken up. */
  newest(note: Schema<'Note'> | undefined): void {
    const version = note?.version ?? 0;
    const { status, base } = this.state;
    if (status === 'loading') {
      const unsent = this.keep.read();
      if (unsent && !isSame(unsent.draft, draftOf(note))) {
        const isOld = version > unsent.base;
        this.set({ draft: unsent.draft, base: unsent.base, status: isOld ? 'conflict' : 'unsaved' });
        if (!isOld) this.later(0);
        return;
      }
      this.keep.drop();
      this.set({ draft: draftOf(note), base: version, status: 'saved' });
    } else if (status === 'conflict' && isSame(this.state.draft, draftOf(note))) {
      // It was this very draft: an earlier page had sent it, and did not hear the answer.
      this.takeTheirs(note);
    } else if (status === 'saved' && version > base) {
      this.set({ draft: draftOf(note), base: version, status });
    }
  }

  type(part: Partial<Draft>): void {
    const draft = { ...this.state.draft, ...part };
    const { base, status } = this.state;
    this.keep.write({ draft, base });
    const isBusy = status === 'saving' || status === 'conflict';
    this.set({ draft, base, status: isBusy ? status : 'unsaved' });
    if (!isBusy) this.later(PAUSE_MS);
  }

  /** Saves what was typed over the version that somebody else has saved meanwhile. */
  keepMine(version: number): void {
    this.set({ ...this.state, base: version, status: 'unsaved' });
    this.later(0);
  }

  /** Goes on with the version that somebody else has saved. */
  takeTheirs(note: Schema<'Note'> | undefined): void {
    this.keep.drop();
    this.set({ draft: draftOf(note), base: note?.version ?? 0, status: 'saved' });
  }

  /** Sends at once what was not sent yet. */
  flush(): void {
    if (this.state.status === 'unsaved' || this.state.status === 'away') this.later(0);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), ms);
  }

  private async save(): Promise<void> {
    const { draft, base } = this.state;
    this.set({ draft, base, status: 'saving' });
    try {
      const version = await this.send(draft, base);
      const isWhole = isSame(draft, this.state.draft);
      if (isWhole) this.keep.drop();
      else this.keep.write({ draft: this.state.draft, base: version });
      this.set({ draft: this.state.draft, base: version, status: isWhole ? 'saved' : 'unsaved' });
      if (!isWhole) this.later(PAUSE_MS);
    } catch (error) {
      const isConflict = error instanceof Problem && error.code === 'note_changed';
      this.set({ ...this.state, status: isConflict ? 'conflict' : 'away' });
      if (!isConflict) this.later(RETRY_MS);
    }
  }

  private set(state: State): void {
    this.state = state;
    this.watchers.forEach((watcher) => watcher());
  }
}
