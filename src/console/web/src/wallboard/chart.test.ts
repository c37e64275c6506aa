import { describe, expect, it } from 'vitest';

import { isEmpty, labelsOf, optionOf } from './chart';

const rows = [
  { rings: 1, answered: 4, abandoned: 1 },
  { rings: 2, answered: 2, abandoned: 0 },
  { rings: 3, answered: 0, abandoned: 3 },
];
const words = { ring: (count: number) => `ring ${count}`, more: 'more' };

describe('the chart of rings', () => {
  it('calls the last row by what it is of', () => {
    expect(labelsOf(rows, words)).toEqual(['ring 1', 'ring 2', 'more']);
    expect(labelsOf(rows.slice(0, 1), words)).toEqual(['ring 1']);
  });

  it('stacks who gave up on who was answered', () => {
    const look = { ...words, answered: 'a', gaveUp: 'g', text: '', line: '', good: '', bad: '', fontSize: 14 };
    const { series } = optionOf(rows, look) as { series: { name: string; stack: string; data: number[] }[] };
    expect(series.map(({ name, stack, data }) => [name, stack, data])).toEqual([
      ['a', 'calls', [4, 2, 0]],
      ['g', 'calls', [1, 0, 3]],
    ]);
  });

  it('is not drawn of nothing', () => {
    expect(isEmpty(rows)).toBe(false);
    expect(isEmpty([{ rings: 1, answered: 0, abandoned: 0 }])).toBe(true);
  });
});
