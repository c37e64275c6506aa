/** The part of a recording that is to be heard, as a player takes it (Media Fragments URI §4.2.1). */
export function partOf(startMs: number | null | undefined, lengthMs: number | null | undefined): string {
  if (startMs == null) return '';
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return lengthMs == null ? `#t=${seconds(startMs)}` : `#t=${seconds(startMs)},${seconds(startMs + lengthMs)}`;
}
