import { useSyncExternalStore } from 'react';

/** One clock for all that ticks: a hundred counters make one timer. */
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = Date.now();
  watchers.forEach((watcher) => watcher());
}

/** The time, each second anew. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now);
}
