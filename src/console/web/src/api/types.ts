import type { components } from './schema';

type Schemas = components['schemas'];

/** A body of the API's, by the name that its document has for it. */
export type Schema<Name extends keyof Schemas> = Schemas[Name];

export type Account = Schema<'Account'>;
