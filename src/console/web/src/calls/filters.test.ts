import { describe, expect, it } from 'vitest';

import { filtersOf, paramsOf, queryOf } from './filters';

describe('filters', () => {
  it('are read from the address, without what is empty or no day', () => {
    const params = new URLSearchParams('line=hotline&outcome=&from=2026-11-21&to=yesterday&x=1');
    expect(filtersOf(params)).toEqual({ line: 'hotline', from: '2026-11-21' });
    expect(paramsOf(filtersOf(params))).toEqual({ line: 'hotline', from: '2026-11-21' });
  });

  it('ask for whole days', () => {
    const { from, to, agent } = queryOf({ from: '2026-11-21', to: '2026-11-21', agent: '1001' });
    expect(agent).toBe('1001');
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(24 * 3_600_000);
    expect(queryOf({})).toEqual({});
  });
});
