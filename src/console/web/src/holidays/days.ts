import type { Schema } from '../api/types';

export type Holiday = Schema<'Holiday'>;

/** A year as a calendar's section has it. */
export interface WrittenYear {
  year: number;
  source: string;
  holiday: { name: string; from: string; to: string; workdays?: string[] }[];
}

/** What is wrong with a holiday. */
export type Fault = 'name' | 'backwards' | 'otherYear' | 'twice';

/** The longest holiday that is one: more is a slip of the pen. */
const LONGEST_DAYS = 31;
const DAY_MS = 86_400_000;

/** A day without a zone, as a number of days. */
function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** Every day of a holiday, and every day that is worked for it. */
function daysOf({ from, to, workdays }: Holiday): string[] {
  const length = Math.min(LONGEST_DAYS, dayOf(to) - dayOf(from) + 1);
  const days = Array.from({ length: Math.max(0, length) }, (_, n) => dateOf(dayOf(from) + n));
  return [...days, ...workdays];
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** How many days nobody works. */
export function lengthOf({ from, to }: Holiday): number {
  return Math.max(0, dayOf(to) - dayOf(from) + 1);
}

/** The first thing that is wrong with each holiday, by its place; what the service would refuse. */
export function faultsOf(holidays: readonly Holiday[], year: number): Map<number, Fault> {
  const faults = new Map<number, Fault>();
  const counts = new Map<string, number>();
  for (const day of holidays.flatMap(daysOf)) counts.set(day, (counts.get(day) ?? 0) + 1);
  holidays.forEach((holiday, place) => {
    const length = dayOf(holiday.to) - dayOf(holiday.from) + 1;
    if (holiday.name.trim() === '') faults.set(place, 'name');
    else if (!(length >= 1 && length <= LONGEST_DAYS)) faults.set(place, 'backwards');
    else if (daysOf(holiday).some((day) => !day.startsWith(`${year}-`))) faults.set(place, 'otherYear');
    else if (daysOf(holiday).some((day) => (counts.get(day) ?? 0) > 1)) faults.set(place, 'twice');
  });
  return faults;
}

/** The years of a calendar's section, with this one in the place of what it said of that year. */
export function withYear(
  years: readonly WrittenYear[],
  year: number,
  source: string,
  holidays: readonly Holiday[],
): WrittenYear[] {
  const holiday = [...holidays]
    .sort((one, other) => one.from.localeCompare(other.from))
    .map(({ name, from, to, workdays }) => ({
      name: name.trim(),
      from,
      to,
      ...(workdays.length > 0 ? { workdays: [...workdays].sort() } : {}),
    }));
  const others = years.filter((one) => one.year !== year);
  return [...others, { year, source: source.trim(), holiday }].sort((one, other) => one.year - other.year);
}
