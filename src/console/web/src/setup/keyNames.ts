import type { KINDS, KindName } from './kinds';

/** Every key that has a field of its own. */
export type KeyName = (typeof KINDS)[KindName]['keys'][number][0];
