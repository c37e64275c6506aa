import { describe, expect, it } from 'vitest';

import type { Schema } from '../api/types';
import { type Running, agentsByUrgency, callsByUrgency, runningOf } from './urgency';

const NOW = Date.parse('2026-11-22T10:00:00Z');

function agent(id: string, state: string, more: Partial<Schema<'Agent'>> = {}): Schema<'Agent'> {
  return { id, name: id, state, since: '2026-11-22T09:00:00Z', calls: [], is_overdue: false, ...more };
}

function call(id: string, arrived: number, now: Partial<Schema<'CallNow'>> = {}): Running {
  const standing = { state: 'talking', since: '', rung: [], is_muted: false, is_escalated: false, is_private: false };
  const arrived_at = `2026-11-22T09:00:${String(arrived).padStart(2, '0')}Z`;
  return { id, arrived_at, now: { ...standing, can_be_supervised: true, ...now } } as Running;
}

describe('what needs attention stands first', () => {
  it('of agents: a hand, a wish, a long break, a phone that is gone', () => {
    const agents = [
      agent('offline', 'offline'),
      agent('ready', 'ready'),
      agent('gone', 'unreachable'),
      agent('in-time', 'break', { break_until: '2026-11-22T10:00:01Z' }),
      agent('late', 'break', { break_until: '2026-11-22T09:59:59Z' }),
      agent('wants', 'ready', { asks_break: '用餐' }),
      agent('talks', 'talking', { since: '2026-11-22T09:30:00Z' }),
      agent('talks-long', 'talking'),
      agent('helpless', 'talking', { since: '2026-11-22T09:59:00Z' }),
    ];
    const sorted = agentsByUrgency(agents, new Set(['helpless']), NOW).map(({ id }) => id);
    expect(sorted).toEqual(['helpless', 'wants', 'late', 'gone', 'talks-long', 'talks', 'ready', 'in-time', 'offline']);
  });

  it('of calls: one’s own, then those in which somebody asks for help', () => {
    const calls = [
      call('old', 1),
      call('new', 9),
      call('hand', 5, { hand: { agent: '1001', at: '' } }),
      call('leader', 4, { is_escalated: true }),
      call('own', 8, { beside: { agent: '1009', mode: 'listen', is_there: true } }),
      call('others', 7, { beside: { agent: '1008', mode: 'listen', is_there: true } }),
    ];
    const of = (self: string | null) => callsByUrgency(calls, self).map(({ id }) => id);
    expect(of('1009')).toEqual(['own', 'hand', 'leader', 'old', 'others', 'new']);
    expect(of(null)).toEqual(['hand', 'leader', 'old', 'others', 'own', 'new']);
  });

  // R281
  it('of calls: an emergency before whoever asks for help', () => {
    const urgent = { ...call('urgent', 9), emergency: true };
    const calls = [call('hand', 5, { hand: { agent: '1001', at: '' } }), urgent];
    expect(callsByUrgency(calls, null).map(({ id }) => id)).toEqual(['urgent', 'hand']);
  });

  it('and a call that says nothing of how it stands is over', () => {
    const over = { ...call('over', 1), now: undefined } as unknown as Schema<'Call'>;
    expect(runningOf([over, call('on', 2)]).map(({ id }) => id)).toEqual(['on']);
  });
});
