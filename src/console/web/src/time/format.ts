import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

import type { Language } from '../i18n/languages';

dayjs.extend(utc);
dayjs.extend(timezone);

/** The zone of this site, as the service told it; the browser's until then. */
let zone: string | undefined;

export function setSiteZone(told: string | undefined): void {
  zone = told;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${zone ?? ''} ${JSON.stringify(options)}`;
  const made =
    formats.get(key) ??
    // The Swedish order is ISO's: both languages' tables read from year to second.
    new Intl.DateTimeFormat(language === 'en' ? 'sv-SE' : 'zh-CN', {
      ...options,
      hourCycle: 'h23',
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
  formats.set(key, made);
  return made;
}

const DATE = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;

/** Date and time with seconds, in the site's zone. */
export function dateTime(at: string | number, language: Language): string {
  return format(language, { ...DATE, ...TIME }).format(new Date(at)).replaceAll('/', '-');
}

/** The moment that a field for date and time says, which is meant in the site's zone. */
export function momentOf(local: string): string {
  return (zone === undefined ? dayjs(local) : dayjs.tz(local, zone)).toISOString();
}

/** The time of day with seconds, in the site's zone. */
export function timeOfDay(at: string | number, language: Language): string {
  return format(language, TIME).format(new Date(at));
}

/** A length as `m:ss`, or `h:mm:ss`; what is below zero is nothing. */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
