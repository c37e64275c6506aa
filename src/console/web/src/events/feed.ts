import type { QueryClient } from '@tanstack/react-query';

import type { Schema } from '../api/types';
import type { AgentEvent, QueueEvent } from './kinds';
import type { Stream } from './stream';

interface Page<T> {
  items: T[];
}

/** The figures of all lines; those of some lines only are read by whoever shows them. */
const TODAY = { queryKey: ['get', '/api/v1/statistics/today'] };

/** What shows what is set up. Sections are left as they are: somebody may be changing what he read. */
const SET_UP = [
  '/api/v1/setup',
  '/api/v1/lines',
  '/api/v1/lines/{id}/codes',
  '/api/v1/queues',
  '/api/v1/agents',
  '/api/v1/emergency-contacts',
];

/** What is to be read anew is collected for so long: a busy desk tells a hundred things a second. */
const TOGETHER_MS = 250;

/**
 * Keeps the cache of queries up to date. Agents and queues are changed in place; of everything
 * else it is only known that it changed, and what is on screen is read anew.
 */
export function feed(stream: Stream, queries: QueryClient): () => void {
  const stale = new Stale(queries);
  const stops = [
    stream.on('agent', (now) => {
      patch<Schema<'Agent'>>(queries, '/api/v1/agents', now.agent, (agent) => agentNow(agent, now));
      stale.add('/api/v1/agents/{id}');
    }),
    stream.on('queue', (now) => {
      patch<Schema<'Queue'>>(queries, '/api/v1/queues', now.queue, (queue) => queueNow(queue, now));
    }),
    stream.on('ring', ({ call, ring }) => {
      patch<Schema<'Call'>>(queries, '/api/v1/calls', call, (row) => (row.now ? { ...row, now: { ...row.now, ring } } : row));
    }),
    stream.on('call', ({ call }) => {
      stale.add('/api/v1/calls');
      stale.add('/api/v1/calls/{id}', call);
      stale.add('/api/v1/calls/{id}/events', call);
      stale.add('/api/v1/calls/{id}/quality-desk', call);
    }),
    stream.on('caller', ({ call }) => {
      stale.add('/api/v1/calls/{id}', call);
      stale.add('/api/v1/calls/{id}/caller', call);
    }),
    stream.on('incident', () => stale.add('/api/v1/incidents')),
    stream.on('setup', () => SET_UP.forEach((path) => stale.add(path))),
    stream.on('line', () => stale.add('/api/v1/lines')),
    stream.on('task', ({ task }) => {
      stale.add('/api/v1/tasks');
      stale.add('/api/v1/tasks/{id}', task);
    }),
    stream.on('statistics', (now) => {
      queries.setQueriesData<Schema<'Statistics'>>(TODAY, (old) => old && { ...old, ...now });
    }),
    stream.on('reset', () => void queries.invalidateQueries()),
    // It ends with the session as well: then the log-in page is due.
    stream.watch(() => {
      if (stream.connection === 'away') stale.add('/api/v1/session');
    }),
  ];
  return () => {
    stops.forEach((stop) => stop());
    stale.stop();
  };
}

/** The agent's entry after this event. */
export function agentNow(agent: Schema<'Agent'>, now: AgentEvent): Schema<'Agent'> {
  const { state, reason, since, asks_break, asked_break_at, shift, wrap_up_until, break_until, call } = now;
  const told = { state, reason, since, asks_break, asked_break_at, shift, wrap_up_until, break_until };
  const isWrapping = state === 'wrap_up';
  const wraps_up = isWrapping ? call : null;
  const calls = call && !isWrapping ? [call] : [];
  const is_overdue = break_until != null && Date.parse(break_until) < Date.now();
  return { ...agent, ...told, is_overdue, wraps_up, calls };
}

/** The queue's entry after this event. */
export function queueNow(queue: Schema<'Queue'>, now: QueueEvent): Schema<'Queue'> {
  const { order, waiting, longest, staffed, missing } = now;
  return { ...queue, order, callers: waiting, waiting: waiting.length, longest, staffed, missing };
}

function patch<T extends { id: string }>(
  queries: QueryClient,
  path: string,
  id: string,
  change: (item: T) => T,
): void {
  queries.setQueriesData<Page<T>>({ queryKey: ['get', path] }, (page) =>
    page && { ...page, items: page.items.map((item) => (item.id === id ? change(item) : item)) },
  );
}

/** Queries that are to be read anew, collected. */
class Stale {
  private readonly all = new Map<string, readonly unknown[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly queries: QueryClient) {}

  add(path: string, id?: string): void {
    const key = id === undefined ? ['get', path] : ['get', path, { params: { path: { id } } }];
    this.all.set(JSON.stringify(key), key);
    this.timer ??= setTimeout(() => this.flush(), TOGETHER_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private flush(): void {
    this.timer = undefined;
    // A copy: reading anew may bring more.
    const keys = [...this.all.values()];
    this.all.clear();
    for (const queryKey of keys) void this.queries.invalidateQueries({ queryKey });
  }
}
