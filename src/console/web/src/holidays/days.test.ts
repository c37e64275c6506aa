import { describe, expect, it } from 'vitest';

import { faultsOf, lengthOf, withYear } from './days';

const holiday = (name: string, from: string, to: string, ...workdays: string[]) => ({ name, from, to, workdays });
const NEW_YEAR = holiday('元旦', '2027-01-01', '2027-01-03', '2027-01-09');

describe('a year’s days', () => {
  it('are told wrong where the service would refuse them', () => {
    const told = (...holidays: (typeof NEW_YEAR)[]) => [...faultsOf(holidays, 2027)];
    expect(told(NEW_YEAR)).toEqual([]);
    expect(told(holiday(' ', '2027-05-01', '2027-05-01'))).toEqual([[0, 'name']]);
    expect(told(holiday('a', '2027-05-02', '2027-05-01'))).toEqual([[0, 'backwards']]);
    expect(told(holiday('a', '2027-05-01', '2027-07-01'))).toEqual([[0, 'backwards']]);
    expect(told(holiday('a', '', ''))).toEqual([[0, 'backwards']]);
    expect(told(NEW_YEAR, holiday('a', '2026-12-31', '2027-01-01'))).toEqual([
      [0, 'twice'],
      [1, 'otherYear'],
    ]);
    expect(told(NEW_YEAR, holiday('a', '2027-01-09', '2027-01-09'))).toEqual([
      [0, 'twice'],
      [1, 'twice'],
    ]);
  });

  it('last from the first day to the last', () => {
    expect([lengthOf(NEW_YEAR), lengthOf(holiday('a', '2027-02-26', '2027-03-01'))]).toEqual([3, 4]);
  });

  it('take the place of what was said of that year, in their order', () => {
    const may = holiday('劳动节', '2027-05-01', '2027-05-05', '2027-05-08', '2027-04-25');
    const before = [
      { year: 2028, source: 'b', holiday: [] },
      { year: 2027, source: 'a', holiday: [] },
    ];
    expect(withYear(before, 2027, ' c ', [may, NEW_YEAR])).toEqual([
      {
        year: 2027,
        source: 'c',
        holiday: [
          { name: '元旦', from: '2027-01-01', to: '2027-01-03', workdays: ['2027-01-09'] },
          { name: '劳动节', from: '2027-05-01', to: '2027-05-05', workdays: ['2027-04-25', '2027-05-08'] },
        ],
      },
      { year: 2028, source: 'b', holiday: [] },
    ]);
  });
});
