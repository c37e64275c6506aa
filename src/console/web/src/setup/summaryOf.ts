import type { Document } from './document';
import type { KindName } from './kinds';

/** The keys by which people know a section. */
const TOLD = {
  line: ['numbers', 'queue', 'agents'],
  queue: ['agents'],
  agent: ['name'],
  calendar: ['hours'],
  outbound: ['prefixes', 'agents'],
} as const satisfies Record<KindName, readonly string[]>;

/** What a section is about, in one line. */
export function summaryOf(kind: KindName, document: Document): string {
  const told = TOLD[kind].map((key) => {
    const value = document[key];
    if (Array.isArray(value)) return value.map(String).join(', ');
    return typeof value === 'string' ? value : '';
  });
  return told.filter(Boolean).join(' · ');
}
