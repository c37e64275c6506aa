import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { faultsOf, lengthOf } from './days';
import { read } from './reading';

describe('a year that is imported', () => {
  it('can be a file as the command line takes it', () => {
    const file = join(import.meta.dirname, '../../../../../deploy/calendars/cn-2026.toml');
    const { holidays, unread, source } = read(readFileSync(file, 'utf8'), 2026);
    expect([holidays.length, unread, faultsOf(holidays, 2026).size]).toEqual([7, [], 0]);
    expect(source).toContain('2026');
    expect(holidays.reduce((days, holiday) => days + lengthOf(holiday), 0)).toBe(33);
    expect(holidays.flatMap(({ workdays }) => workdays)).toHaveLength(6);
  });

  it('can be a table, a holiday a line', () => {
    const table = ['名称\t开始\t结束\t调休', '元旦\t2027-01-01\t2027/1/3\t1月9日', '', '清明节，4月5日'].join('\n');
    expect(read(table, 2027)).toEqual({
      holidays: [
        { name: '元旦', from: '2027-01-01', to: '2027-01-03', workdays: ['2027-01-09'] },
        { name: '清明节', from: '2027-04-05', to: '2027-04-05', workdays: [] },
      ],
      unread: [],
      source: undefined,
    });
  });

  it('says which lines it does not understand', () => {
    const { holidays, unread } = read('元旦 1-1 1-3\n春节 soon\n中秋 2027-02-30\n国庆 10-1 10-7 9-31\n端午 6-9 soon', 2027);
    expect(holidays).toHaveLength(1);
    expect(unread).toEqual([2, 3, 4, 5]);
    expect(read('[[holiday]]\nname = "a"\nfrom = 2027', 2027).unread).toEqual([3]);
  });
});
