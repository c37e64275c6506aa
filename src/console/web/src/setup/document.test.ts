import { describe, expect, it } from 'vitest';

import { apart, readRest, together } from './document';

describe('a section', () => {
  it('is taken apart and put together again without a change', () => {
    const line = {
      numbers: ['4001234567'],
      agents: ['1001'],
      wrap_up: '30s',
      cadence: { on: '1s', off: '4s' },
      purposes: [{ code: 'repair', name: '报修' }],
    };
    const parts = apart('line', line);
    expect(parts.fields).toEqual({ numbers: ['4001234567'], agents: ['1001'], wrap_up: '30s' });
    expect(together(parts)).toEqual(line);
  });

  it('keeps what a form has no field for, though its key has one', () => {
    const line = { numbers: ['1'], profile: { early_below: '0s', target_from: '0s' } };
    const parts = apart('line', line);
    expect(parts.fields).toEqual({ numbers: ['1'] });
    expect(together(parts)).toEqual(line);
  });

  it('says nothing of what was left empty, and never sends what was only shown', () => {
    expect(apart('line', { name: 'hotline' }).rest).toBe('');
    const parts = apart('agent', { extension: '1001', name: '李娜', has_password: true });
    expect(parts.rest).toBe('');
    const fields = { ...parts.fields, password: '', max_calls: null, trainee: false };
    expect(together({ ...parts, fields })).toEqual({ name: '李娜', trainee: false });
  });

  it('has a rest that is a table', () => {
    expect(readRest('  ')).toEqual({});
    for (const wrong of ['[1]', '7', 'null', '{']) expect(() => readRest(wrong)).toThrow();
  });
});
