import { describe, expect, it } from 'vitest';

import { filtersOf, orderOf, orderedBy, paramsOf, queryOf } from './filters';

describe('filters', () => {
  it('are read from the address, without what is empty or no day', () => {
    const params = new URLSearchParams('line=hotline&outcome=&from=2026-11-21&to=yesterday&x=1');
    expect(filtersOf(params)).toEqual({ line: 'hotline', from: '2026-11-21' });
    expect(paramsOf(filtersOf(params))).toEqual({ line: 'hotline', from: '2026-11-21' });
  });

  it('leave out words that the service would refuse', () => {
    const params = new URLSearchParams('flags=late,agent_first&hangup_party=nobody&transferred=maybe&sort=talk&way=up');
    expect(filtersOf(params)).toEqual({ flags: 'late,agent_first', sort: 'talk' });
    expect(filtersOf(new URLSearchParams('flags=late,loud'))).toEqual({});
    expect(queryOf({ transferred: 'no', way: 'asc' })).toEqual({ transferred: 'no', way: 'asc' });
  });

  it('have an order, which turns round', () => {
    expect(orderOf({})).toEqual({ by: 'arrived_at', way: 'desc' });
    const first = orderedBy({ line: 'hotline' }, 'ring');
    expect(first).toEqual({ line: 'hotline', sort: 'ring', way: 'desc' });
    expect(orderedBy(first, 'ring')).toMatchObject({ sort: 'ring', way: 'asc' });
    expect(orderedBy(first, 'talk')).toMatchObject({ sort: 'talk', way: 'desc' });
    expect(orderedBy({}, 'arrived_at')).toEqual({ sort: 'arrived_at', way: 'asc' });
  });

  it('ask for whole days', () => {
    const { from, to, agent } = queryOf({ from: '2026-11-21', to: '2026-11-21', agent: '1001' });
    expect(agent).toBe('1001');
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(24 * 3_600_000);
    expect(queryOf({})).toEqual({});
  });
});
