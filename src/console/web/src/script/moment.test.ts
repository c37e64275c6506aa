import { describe, expect, it } from 'vitest';

import { standingOf } from '../owncall/standing';
import { momentOf } from './moment';

const at = '2026-11-22T06:00:00Z';
const standing = (...events: [kind: string, data: Record<string, unknown>][]) =>
  standingOf(events.map(([kind, data]) => ({ kind, at, data })));

describe('the words of the moment', () => {
  it('are those of the answer until something happens', () => {
    expect(momentOf('ringing', standing())).toBeUndefined();
    expect(momentOf('talking', standing())).toBeUndefined();
    expect(momentOf('wrap_up', standing())).toBe('close');
  });

  it('follow what the agent does', () => {
    const held: [string, Record<string, unknown>] = ['doing', { doing: 'put_on_hold', by: '1001' }];
    expect(momentOf('talking', standing(held))).toBe('return');
    const asks: [string, Record<string, unknown>] = ['doing', { doing: 'consult_began', consult: 1, target: { agent: '1002' } }];
    expect(momentOf('talking', standing(held, asks))).toBe('consult');
    const failed: [string, Record<string, unknown>] = ['transfer_ended', { transfer: 1, result: 'no_answer' }];
    expect(momentOf('talking', standing(failed))).toBe('unavailable');
    const tried: [string, Record<string, unknown>] = ['transfer_requested', { transfer: 1, target: { agent: '1002' } }];
    expect(momentOf('talking', standing(tried))).toBe('transfer');
  });
});
