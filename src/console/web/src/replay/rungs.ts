/** The distance between two columns. */
export const GAP = 210;
/** What stands before the columns: number and time. */
export const MARGIN = 110;
export const ROW = 34;
export const HEAD = 52;

/** Where a column stands: the first peer left of us, the others right. */
export function columnAt(peer: number): number {
  return MARGIN + GAP / 2 + (peer === 0 ? 0 : (peer + 1) * GAP);
}

/** Where we stand. */
export const OURS = MARGIN + GAP / 2 + GAP;

/** An arrow: from, to, and the middle of what is written over it. */
export function arrowOf(way: string, peer: number): { from: number; to: number; middle: number } {
  const theirs = columnAt(peer);
  const [from, to] = way === 'in' ? [theirs, OURS] : [OURS, theirs];
  // Written beside us, and not in the middle of a way past other columns.
  const middle = OURS + (Math.sign(theirs - OURS) * GAP) / 2;
  return { from, to, middle };
}
