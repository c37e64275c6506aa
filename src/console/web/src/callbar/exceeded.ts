import type { Schema } from '../api/types';

/** How long a stage that goes on may take, where it has taken longer already (R023); in milliseconds. */
export function exceeded(stages: Readonly<Schema<'CallDetailView'>['stages']>, name: string): number | undefined {
  const now = stages.findLast(({ stage, ms }) => stage === name && ms == null);
  return now?.limit_ms ?? undefined;
}
