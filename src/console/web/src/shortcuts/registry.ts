import { type Keys, isAsked, isComposing, isTyping, keysOf } from './keys';

/** A key that does something. */
export interface Shortcut {
  keys: Keys;
  /** What it does, in words for the sheet. */
  label: string;
  /** Under which heading the sheet has it. */
  group: string;
  run: () => void;
  /** Also while somebody types in a text field or is asked something; never while an input method composes. */
  whileTyping?: boolean;
}

/** What the keys do now. The one that was added last comes first. */
export class Registry {
  private shortcuts: readonly Shortcut[] = [];
  private readonly watchers = new Set<() => void>();

  all = (): readonly Shortcut[] => this.shortcuts;

  add(shortcut: Shortcut): () => void {
    this.set([...this.shortcuts, shortcut]);
    return () => this.set(this.shortcuts.filter((known) => known !== shortcut));
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  /** Does what the keys stand for, if anything, and keeps them from the browser. */
  press(event: KeyboardEvent): void {
    if (isComposing(event) || event.defaultPrevented || event.repeat) return;
    const keys = keysOf(event);
    const types = isTyping(event.target) || isAsked(event.target);
    const shortcut = this.shortcuts.findLast(
      (known) => known.keys === keys && (!types || known.whileTyping === true),
    );
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  }

  private set(shortcuts: readonly Shortcut[]): void {
    this.shortcuts = shortcuts;
    this.watchers.forEach((watcher) => watcher());
  }
}

/** The page's. */
export const registry = new Registry();
