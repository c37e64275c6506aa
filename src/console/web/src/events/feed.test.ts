import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { feed } from './feed';
import type { Kind } from './kinds';
import { Stream } from './stream';

const AGENTS = ['get', '/api/v1/agents', {}];

function told(stream: Stream, kind: Kind, data: unknown): void {
  stream.take({ what: 'event', kind, data: JSON.stringify(data) });
}

describe('events', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('change the agent in the list, and nobody else', () => {
    const queries = new QueryClient();
    const stream = new Stream();
    feed(stream, queries);
    const two = ['1001', '1002'].map((id) => ({ id, name: id, state: 'ready', calls: [] }));
    queries.setQueryData(AGENTS, { items: two });
    told(stream, 'agent', { agent: '1002', state: 'talking', since: 'now', call: 'c1' });
    const page = queries.getQueryData<{ items: { state: string; calls: string[] }[] }>(AGENTS);
    expect(page?.items.map(({ state, calls }) => [state, calls])).toEqual([
      ['ready', []],
      ['talking', ['c1']],
    ]);
  });

  it('of rings count on where the call is shown as it stands', () => {
    const queries = new QueryClient();
    const stream = new Stream();
    feed(stream, queries);
    const calls = ['get', '/api/v1/calls', { params: { query: { running: 'yes' } } }];
    queries.setQueryData(calls, { items: [{ id: 'c1', now: { ring: 1 } }, { id: 'c2' }] });
    for (const call of ['c1', 'c2']) told(stream, 'ring', { call, line: null, ring: 2, apologise: false });
    expect(queries.getQueryData(calls)).toEqual({ items: [{ id: 'c1', now: { ring: 2 } }, { id: 'c2' }] });
  });

  it('of many calls make the list be read once', () => {
    const queries = new QueryClient();
    const stream = new Stream();
    feed(stream, queries);
    const asked = vi.spyOn(queries, 'invalidateQueries');
    for (let n = 0; n < 100; n += 1) told(stream, 'call', { call: 'c1', kind: 'ringing' });
    expect(asked).not.toHaveBeenCalled();
    vi.runAllTimers();
    const keys = asked.mock.calls.map(([filters]) => filters?.queryKey?.[1]);
    expect(keys).toEqual(['/api/v1/calls', '/api/v1/calls/{id}', '/api/v1/calls/{id}/events', '/api/v1/calls/{id}/quality-desk']);
  });

  it('of who calls, of incidents and of the set-up have what shows them read anew', () => {
    const queries = new QueryClient();
    const stream = new Stream();
    feed(stream, queries);
    const asked = vi.spyOn(queries, 'invalidateQueries');
    told(stream, 'caller', { call: 'c1', line: null });
    told(stream, 'incident', { incident: 'i1', kind: 'leak', action: 'escalated', recipient: 'manager' });
    told(stream, 'setup', { revision: 7, in_effect: true, sections: [{ kind: 'line', name: 'hotline', version: 2 }] });
    vi.runAllTimers();
    const keys = asked.mock.calls.map(([filters]) => filters?.queryKey?.[1]);
    expect(keys.slice(0, 3)).toEqual(['/api/v1/calls/{id}', '/api/v1/calls/{id}/caller', '/api/v1/incidents']);
    expect(keys).toContain('/api/v1/lines');
    // Somebody may be changing the section that he has read: it stays until he looks again.
    expect(keys).not.toContain('/api/v1/setup/{kind}');
  });

  it('that were missed make everything be read', () => {
    const queries = new QueryClient();
    const stream = new Stream();
    feed(stream, queries);
    const asked = vi.spyOn(queries, 'invalidateQueries');
    told(stream, 'reset', {});
    expect(asked).toHaveBeenCalledWith();
  });

  it('stop when nobody listens any more', () => {
    const stream = new Stream();
    const heard = vi.fn();
    const stop = stream.on('reset', heard);
    told(stream, 'reset', {});
    stop();
    told(stream, 'reset', {});
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
