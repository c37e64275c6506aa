import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Problem } from '../api/problem';
import type { Draft, Keep, Unsent } from './draft';
import { NoteSaver, PAUSE_MS, RETRY_MS, type Send } from './saver';

/** A browser that keeps things. */
function keep(before?: Unsent): Keep & { kept: Unsent | undefined } {
  const it = {
    kept: before,
    read: () => it.kept,
    write: (unsent: Unsent) => {
      it.kept = unsent;
    },
    drop: () => {
      it.kept = undefined;
    },
  };
  return it;
}

const note = (version: number, text: string) => ({
  version,
  text,
  author: 'li.na',
  at: '2026-11-22T06:00:00Z',
  fields: {},
});

const draft = (text: string): Draft => ({ text, fields: {} });

const changed = new Problem({ title: '', status: 409, detail: '', code: 'note_changed' });

describe('a note', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is sent once when typing pauses, from the version before it', async () => {
    const send = vi.fn<Send>().mockResolvedValue(3);
    const kept = keep();
    const saver = new NoteSaver(send, kept);
    saver.newest(note(2, 'leak'));
    saver.type({ text: 'leak in' });
    saver.type({ text: 'leak in the kitchen' });
    expect(kept.kept).toEqual({ draft: draft('leak in the kitchen'), base: 2 });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(send.mock.calls).toEqual([[draft('leak in the kitchen'), 2]]);
    expect(saver.state).toEqual({ draft: draft('leak in the kitchen'), base: 3, status: 'saved' });
    expect(kept.kept).toBeUndefined();
  });

  it('that grows while it is sent is sent again, from the version that it became', async () => {
    let answer: (version: number) => void = () => undefined;
    const send = vi.fn<Send>().mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const saver = new NoteSaver(send, keep());
    saver.newest(undefined);
    saver.type({ text: 'a' });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    saver.type({ text: 'ab' });
    // Not while the first is on its way.
    await vi.advanceTimersByTimeAsync(10 * PAUSE_MS);
    expect(send).toHaveBeenCalledTimes(1);
    answer(1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(send.mock.calls[1]).toEqual([draft('ab'), 1]);
  });

  it('is tried again while the service is away, and survives a reload meanwhile', async () => {
    const send = vi.fn<Send>().mockRejectedValue(Problem.unanswered());
    const kept = keep();
    const saver = new NoteSaver(send, kept);
    saver.newest(note(1, ''));
    saver.type({ text: 'call back at five' });
    await vi.advanceTimersByTimeAsync(PAUSE_MS + RETRY_MS);
    expect(send).toHaveBeenCalledTimes(2);
    expect(saver.state.status).toBe('away');
    saver.stop();

    const later = vi.fn<Send>().mockResolvedValue(2);
    const reloaded = new NoteSaver(later, kept);
    reloaded.newest(note(1, ''));
    expect(reloaded.state.draft.text).toBe('call back at five');
    await vi.advanceTimersByTimeAsync(0);
    expect(later.mock.calls).toEqual([[draft('call back at five'), 1]]);
    expect(kept.kept).toBeUndefined();
  });

  it('that somebody else has changed waits for what its author wants', async () => {
    const send = vi.fn<Send>().mockRejectedValueOnce(changed).mockResolvedValue(6);
    const saver = new NoteSaver(send, keep());
    saver.newest(note(4, 'old'));
    saver.type({ text: 'mine' });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(saver.state.status).toBe('conflict');
    saver.type({ text: 'mine!' });
    await vi.advanceTimersByTimeAsync(10 * RETRY_MS);
    expect(send).toHaveBeenCalledTimes(1);
    saver.keepMine(5);
    await vi.advanceTimersByTimeAsync(0);
    expect(send.mock.calls[1]).toEqual([draft('mine!'), 5]);
    expect(saver.state.status).toBe('saved');
  });

  it('that an earlier page had sent, unheard, is no conflict', async () => {
    const send = vi.fn<Send>().mockRejectedValueOnce(changed);
    const saver = new NoteSaver(send, keep({ draft: draft('sent'), base: 1 }));
    saver.newest(note(1, 'before'));
    await vi.advanceTimersByTimeAsync(0);
    expect(saver.state.status).toBe('conflict');
    saver.newest(note(2, 'sent'));
    expect(saver.state).toEqual({ draft: draft('sent'), base: 2, status: 'saved' });
  });

  it('of somebody else’s is taken over where nothing of one’s own is unsent', () => {
    const saver = new NoteSaver(vi.fn<Send>(), keep());
    saver.newest(note(1, 'first'));
    saver.newest(note(2, 'second'));
    expect(saver.state.draft.text).toBe('second');
    saver.type({ text: 'third' });
    saver.newest(note(3, 'of a colleague'));
    expect(saver.state.draft.text).toBe('third');
    saver.takeTheirs(note(3, 'of a colleague'));
    expect(saver.state).toEqual({ draft: draft('of a colleague'), base: 3, status: 'saved' });
  });

  it('that was left by an earlier page is no conflict where the service has it already', () => {
    const saver = new NoteSaver(vi.fn<Send>(), keep({ draft: draft('same'), base: 1 }));
    saver.newest(note(2, 'same'));
    expect(saver.state.status).toBe('saved');
    const other = new NoteSaver(vi.fn<Send>(), keep({ draft: draft('mine'), base: 1 }));
    other.newest(note(2, 'theirs'));
    expect(other.state).toMatchObject({ status: 'conflict', draft: draft('mine') });
  });
});
