import dayjs from 'dayjs';

/** What a list is narrowed by, as it stands in the page's address: a link shows the same list. */
export const KEYS = ['from', 'to', 'line', 'outcome', 'grade', 'purpose', 'agent', 'direction', 'number', 'text'] as const;

export type FilterKey = (typeof KEYS)[number];
export type Filters = Partial<Record<FilterKey, string>>;

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filters that an address has; what is no day is none. */
export function filtersOf(params: URLSearchParams): Filters {
  const filters: Filters = {};
  for (const key of KEYS) {
    const value = params.get(key)?.trim();
    if (!value || (isDay(key) && !DAY.test(value))) continue;
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
export function queryOf(filters: Filters): Filters {
  const { from, to, ...rest } = filters;
  return {
    ...rest,
    ...(from ? { from: midnight(from, 0) } : {}),
    ...(to ? { to: midnight(to, 1) } : {}),
  };
}

function midnight(day: string, later: number): string {
  return dayjs(day).startOf('day').add(later, 'day').toISOString();
}
