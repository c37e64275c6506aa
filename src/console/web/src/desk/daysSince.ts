const DAY_MS = 24 * 3600 * 1000;

/** Whole days since then, rounded; at least one. */
export function daysSince(since: string, nowMs: number): number {
  return Math.max(1, Math.round((nowMs - Date.parse(since)) / DAY_MS));
}
