import type { Schema } from '../api/types';

/** What people call an agent: the name with the extension, or what else did something. */
export type NameOf = (id: string) => string;

export function namesOf(agents: readonly Schema<'Agent'>[]): NameOf {
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  return (id) => {
    const name = names.get(id);
    return name ? `${name} ${id}` : id;
  };
}
