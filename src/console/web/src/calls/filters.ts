import dayjs from 'dayjs';

import { FLAGS, HANGUP_PARTIES } from './words';

/** What a list is narrowed by, as it stands in the page's address: a link shows the same list. */
export const KEYS = [
  'from',
  'to',
  'line',
  'outcome',
  'grade',
  'purpose',
  'agent',
  'direction',
  'hangup_party',
  'transferred',
  'flags',
  'number',
  'text',
  'sort',
  'way',
] as const;

export type FilterKey = (typeof KEYS)[number];
export type Filters = Partial<Record<FilterKey, string>>;
/** What the service is asked for. */
export type Query = Omit<Filters, 'transferred' | 'way'> & { transferred?: 'yes' | 'no'; way?: Way };

/** What the service orders a list by, and what somebody may be in. */
export const ORDERS = ['arrived_at', 'ring', 'queue', 'talk'] as const;
export const WAYS = ['asc', 'desc'] as const;

export type Order = (typeof ORDERS)[number];
export type Way = (typeof WAYS)[number];

/** Words that the service would refuse are none. */
const KNOWN: Partial<Record<FilterKey, readonly string[]>> = {
  hangup_party: HANGUP_PARTIES,
  transferred: ['yes', 'no'],
  flags: FLAGS,
  sort: ORDERS,
  way: WAYS,
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filters that an address has; what is no day is none. */
export function filtersOf(params: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const key of KEYS) {
    const value = params.get(key)?.trim();
    if (!value || (isDay(key) && !DAY.test(value))) continue;
    const known: readonly string[] | undefined = KNOWN[key];
    if (known && !value.split(',').every((word) => known.includes(word))) continue;
    filters[key] = value;
  }
  return filters;
}

/** The address of these filters, without what is empty. */
export function paramsOf(filters: Filters): Record<string, string> {
  return Object.fromEntries(KEYS.flatMap((key) => (filters[key] ? [[key, filters[key]]] : [])));
}

function isDay(key: FilterKey): boolean {
  return key === 'from' || key === 'to';
}

/** What the service is asked for: whole days, from the first one's midnight to the last one's end. */
export function queryOf(filters: Filters): Query {
  const { from, to, transferred, way, ...rest } = filters;
  return {
    ...rest,
    // What an address says was looked at when it was read.
    ...(transferred ? { transferred: transferred as 'yes' | 'no' } : {}),
    ...(way ? { way: way as Way } : {}),
    ...(from ? { from: midnight(from, 0) } : {}),
    ...(to ? { to: midnight(to, 1) } : {}),
  };
}

function midnight(day: string, later: number): string {
  return dayjs(day).startOf('day').add(later, 'day').toISOString();
}

/** In which order the list is: the newest first if nothing is said. */
export function orderOf({ sort, way }: Filters): { by: Order; way: Way } {
  return { by: ORDERS.find((one) => one === sort) ?? 'arrived_at', way: way === 'asc' ? 'asc' : 'desc' };
}

/** The list by another order; once more by the same turns it round. */
export function orderedBy(filters: Filters, by: Order): Filters {
  const now = orderOf(filters);
  const way = now.by === by && now.way === 'desc' ? 'asc' : 'desc';
  return { ...filters, sort: by, way };
}
