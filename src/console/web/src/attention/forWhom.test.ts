import { describe, expect, it } from 'vitest';

import type { Attention } from '../events/kinds';
import { concerns } from './forWhom';

const told = (what: Attention) => ({ call: 'c1', line: 'hotline', ...what });
const agent = { extension: '1001', calls: ['c1'], leads: false };
const other = { extension: '1002', calls: ['c2'], leads: false };
const lead = { extension: '1009', calls: [], leads: true };

describe('who is told of something at once', () => {
  // R058, R119, R050, R023
  it.each<Attention>([
    { what: 'hold_is_long', held_ms: 60_000, is_very_long: false },
    { what: 'passed_on_often', transfers: 3 },
    { what: 'private_is_long', is_over: true },
    { what: 'stage_is_long', stage: 'talk', limit_ms: 600_000 },
  ])('of $what is whoever serves the call, and nobody else', (what) => {
    expect([agent, other, lead].map((viewer) => concerns(told(what), viewer))).toEqual([true, false, false]);
  });

  // R066, R281
  it.each<Attention>([
    { what: 'hand', agent: '1001', raised: true },
    { what: 'emergency', agent: '1001', contact: 'police' },
  ])('of $what is whoever leads', (what) => {
    expect([agent, other, lead].map((viewer) => concerns(told(what), viewer))).toEqual([false, false, true]);
  });

  it('is nobody when a hand comes down', () => {
    expect(concerns(told({ what: 'hand', agent: '1001', raised: false }), lead)).toBe(false);
  });

  // R116
  it('is whoever was passed over by an escalation, and never who asked', () => {
    const urgent = told({ what: 'escalated', agent: '1001', to: '1005', urgent: true, skipped: ['1002'] });
    expect([agent, other, lead].map((viewer) => concerns(urgent, viewer))).toEqual([false, true, true]);
    expect(concerns(urgent, { ...lead, extension: '1001' })).toBe(false);
  });
});
