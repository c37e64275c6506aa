/** Rows that are drawn above and below what is seen, so that scrolling meets no gap. */
const BESIDE = 8;

/** Which rows of a long list are drawn: from, and to but not with. */
export function windowOf(top: number, height: number, rowHeight: number, count: number): [number, number] {
  const first = Math.floor(Math.max(0, top) / rowHeight);
  const seen = Math.ceil(height / rowHeight) + 1;
  return [Math.max(0, Math.min(first, count) - BESIDE), Math.min(count, first + seen + BESIDE)];
}
