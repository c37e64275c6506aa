/** One thing that somebody notifies us of (R084). */
export interface Item {
  text: string;
  time?: string;
  place?: string;
  name?: string;
}

export const PARTS = ['time', 'place', 'name'] as const;

/** The items of a field's value; what is none is left out. */
export function itemsOf(value: unknown): Item[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown): Item[] => {
    if (typeof one !== 'object' || one === null) return [];
    const said = one as Record<string, unknown>;
    const parts = PARTS.flatMap((part) => (typeof said[part] === 'string' ? [[part, said[part]] as const] : []));
    return [{ text: typeof said.text === 'string' ? said.text : '', ...Object.fromEntries(parts) }];
  });
}

/** The value that items are kept as: one that says nothing is none, and no items are no value. */
export function valueOf(items: readonly Item[]): Item[] | null {
  const said = items.filter(({ text }) => text.trim() !== '');
  const kept = said.map(({ text, ...parts }) => {
    const filled = Object.entries(parts).filter(([, part]) => part.trim() !== '');
    return { text, ...Object.fromEntries(filled) };
  });
  return kept.length === 0 ? null : kept;
}
