import type { Holiday } from './days';

/** What was read of a text, and the lines of it that say nothing. */
export interface Read {
  holidays: Holiday[];
  /** From 1. */
  unread: number[];
  source: string | undefined;
}

const SEPARATOR = /[\t,，;；、|]+| {1,}/;
const QUOTED = /^(\w+)\s*=\s*"([^"]*)"$/;
const LIST = /^workdays\s*=\s*\[(.*)\]$/;

/**
 * Reads the days of a year: a file as `thirdring calendar import` takes it, or one holiday a line as
 * a table has it: name, first day, last day, days worked for it.
 */
export function read(text: string, year: number): Read {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.includes('[[holiday]]') ? ofFile(lines) : ofTable(lines, year);
}

function ofFile(lines: readonly string[]): Read {
  const holidays: Holiday[] = [];
  const unread: number[] = [];
  let source: string | undefined;
  lines.forEach((line, at) => {
    const now = holidays.at(-1);
    const [, key, value] = QUOTED.exec(line) ?? [];
    const listed = LIST.exec(line)?.[1];
    if (line === '' || line.startsWith('#') || /^year\s*=/.test(line)) return;
    if (line === '[[holiday]]') holidays.push({ name: '', from: '', to: '', workdays: [] });
    else if (key === 'source' && value !== undefined) source = value;
    else if (now && value !== undefined && (key === 'name' || key === 'from' || key === 'to')) now[key] = value;
    else if (now && listed !== undefined) now.workdays = [...listed.matchAll(/"([^"]*)"/g)].map(([, date]) => date ?? '');
    else unread.push(at + 1);
  });
  return { holidays, unread, source };
}

function ofTable(lines: readonly string[], year: number): Read {
  const holidays: Holiday[] = [];
  const unread: number[] = [];
  lines.forEach((line, at) => {
    if (line === '' || line.startsWith('#')) return;
    const [name = '', ...parts] = line.split(SEPARATOR).filter((part) => part !== '');
    const dates = parts.map((part) => dateOf(part, year)).filter((date) => date !== undefined);
    const [from, to = from, ...workdays] = dates;
    if (from === undefined || to === undefined || dates.length < parts.length) {
      // The first line of a table says what stands below it.
      if (at > 0 || dates.length > 0) unread.push(at + 1);
      return;
    }
    holidays.push({ name, from, to, workdays });
  });
  return { holidays, unread, source: undefined };
}

/** `2027-01-03`, `2027/1/3`, `1-3`; `1` and `3` with the signs for year, month and day. */
function dateOf(text: string, year: number): string | undefined {
  const found = /^(?:(\d{4})\D)?(\d{1,2})\D(\d{1,2})\D?$/.exec(text);
  if (!found) return undefined;
  const [, own = String(year), month = '', day = ''] = found;
  const date = `${own}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = Date.parse(`${date}T00:00:00Z`);
  // A day that the month does not have becomes one of the next.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date) ? date : undefined;
}
