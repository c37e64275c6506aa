import { describe, expect, it } from 'vitest';

import { targetsOf } from './targets';

const agent = (id: string, name: string, state: string) => ({ id, name, state });
const line = (id: string) => ({ id });
const agents = [
  agent('1001', '李娜', 'talking'),
  agent('1002', '王强', 'talking'),
  agent('1003', '张伟', 'ready'),
  agent('1004', '刘洋', 'offline'),
];
const own = { extension: '1001', line: 'hotline' };
const found = (text: string) => targetsOf(agents, [line('hotline'), line('repairs')], [], own, text);

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

  it('are whoever else the directory has found, where the line lets callers go there', () => {
    const entries = [
      { name: '王强', department: '工程部', agent: '1002' },
      { name: '街道办', function: '投诉', number: '66554433', can_be_target: true },
      { name: '手机', number: '13900139000', can_be_target: false },
    ];
    const all = targetsOf(agents, [], entries, own, 'wq');
    expect(all.map(({ name, detail, isThere }) => [name, detail, isThere])).toEqual([
      ['王强', '1002 · 工程部', false],
      ['街道办', '投诉', true],
      ['手机', '13900139000', false],
    ]);
    expect(all[1]?.whom).toEqual({ number: '66554433' });
  });

  it('may be a number that somebody types, and nothing else', () => {
    expect(found('010-6655 4433').at(-1)?.whom).toEqual({ number: '01066554433' });
    for (const other of ['12', 'sip:x@y', '<b>']) expect(found(other)).toEqual([]);
  });
});
