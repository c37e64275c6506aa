import { describe, expect, it } from 'vitest';

import { targetsOf } from './targets';

const agent = (id: string, name: string, state: string) => ({ id, name, state, calls: [] });
const line = (id: string) => ({ id, numbers: [], agents: [], purposes: [], calls: 0, switched: null });
const agents = [
  agent('1001', '李娜', 'talking'),
  agent('1002', '王强', 'talking'),
  agent('1003', '张伟', 'ready'),
  agent('1004', '刘洋', 'offline'),
];
const own = { extension: '1001', line: 'hotline' };
const found = (text: string) => targetsOf(agents, [line('hotline'), line('repairs')], own, text);

describe('targets', () => {
  it('are colleagues, those who are free first, and the other lines', () => {
    expect(found('').map(({ key }) => key)).toEqual(['agent 1003', 'agent 1002', 'agent 1004', 'line repairs']);
    expect(found('').map(({ isThere }) => isThere)).toEqual([true, false, false, true]);
    expect(found('').map(({ mayAsk }) => mayAsk)).toEqual([true, true, true, false]);
  });

  it('are looked for by name, extension and line', () => {
    expect(found('王').map(({ name }) => name)).toEqual(['王强']);
    expect(found('1004').map(({ key }) => key)).toEqual(['agent 1004', 'number']);
    expect(found('REP').map(({ whom }) => whom)).toEqual([{ line: 'repairs' }]);
  });

  it('may be a number that somebody types, and nothing else', () => {
    expect(found('010-6655 4433').at(-1)?.whom).toEqual({ number: '01066554433' });
    for (const other of ['12', 'sip:x@y', '<b>']) expect(found(other)).toEqual([]);
  });
});
