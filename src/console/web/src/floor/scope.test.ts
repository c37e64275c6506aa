import { describe, expect, it } from 'vitest';

import { type Floor, narrowed } from './scope';

const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

function floor(): Floor {
  const call = (id: string, line: string | null, now: object) => ({ id, line, now: { rung: [], ...now } });
  return {
    agents: ['1001', '1002', '1009'].map((id) => ({ id })),
    queues: [
      { id: 'repairs', order: ['1001'] },
      { id: 'orders', order: ['1002'] },
    ],
    lines: [
      { id: 'hotline', agents: ['1001'] },
      { id: 'shop', agents: ['1002'] },
    ],
    calls: [
      call('of-the-line', 'hotline', {}),
      call('of-the-agent', null, { agent: '1001' }),
      call('rings', null, { rung: ['1001'] }),
      call('elsewhere', 'shop', { agent: '1002' }),
      call('listened-to', 'shop', { agent: '1002', beside: { agent: '1009' } }),
    ],
  } as unknown as Floor;
}

describe('the floor of one queue', () => {
  it('has its agents, their lines, their calls, and the call that one is beside', () => {
    const own = narrowed(floor(), 'repairs', '1009');
    expect(ids(own.agents)).toEqual(['1001']);
    expect(ids(own.queues)).toEqual(['repairs']);
    expect(ids(own.lines)).toEqual(['hotline']);
    expect(ids(own.calls)).toEqual(['of-the-line', 'of-the-agent', 'rings', 'listened-to']);
  });

  it('is the whole one where no queue is named, or it is gone', () => {
    expect(narrowed(floor(), null, null)).toEqual(floor());
    expect(narrowed(floor(), 'nowhere', null)).toEqual(floor());
  });
});
