import { describe, expect, it } from 'vitest';

import { itemsOf, valueOf } from './items';

// R084
describe('what somebody notifies us of', () => {
  it('is kept item by item, with what was said of each', () => {
    const items = [{ text: '开会', time: '2026-11-23T09:00', place: '三楼' }, { text: '停水' }];
    expect(valueOf(items)).toEqual(items);
    expect(itemsOf(items)).toEqual(items);
  });

  it('leaves out what was not filled in', () => {
    expect(valueOf([{ text: ' ', place: 'hall' }, { text: '停电', place: '', name: ' ' }])).toEqual([{ text: '停电' }]);
    expect(valueOf([{ text: '' }])).toBeNull();
  });

  it('is nothing where the value is something else', () => {
    for (const value of [undefined, null, 'x', [7, null, 'x']]) expect(itemsOf(value)).toEqual([]);
    expect(itemsOf([{ text: 3, time: 4 }])).toEqual([{ text: '' }]);
  });
});
