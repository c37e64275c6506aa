/** Why nothing can be recorded. */
export type Failure = 'insecure' | 'refused' | 'missing' | 'failed';

/** The browser has no microphone for this page. */
export class NoMicrophone extends Error {
  constructor(readonly failure: Failure) {
    super(failure);
  }
}

/** Why it could not be turned on (Media Capture and Streams §10.2). */
export function failureOf(error: unknown): Failure {
  if (error instanceof NoMicrophone) return error.failure;
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'failed';
}
