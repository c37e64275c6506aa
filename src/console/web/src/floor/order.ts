/** The list with the entry at `from` put to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  const [entry] = rest.splice(from, 1);
  if (entry === undefined) return rest;
  rest.splice(Math.min(Math.max(to, 0), rest.length), 0, entry);
  return rest;
}

/** A row, from its upper edge to its lower one. */
interface Row {
  top: number;
  bottom: number;
}

/** The place of the row at this height; above the first one it is the first, below the last the last. */
export function placeAt(rows: readonly Row[], y: number): number {
  const below = rows.findIndex(({ bottom }) => y < bottom);
  return below === -1 ? Math.max(rows.length - 1, 0) : below;
}
