import type { Schema } from '../api/types';

/** A ring, as the caller hears it begin. */
export interface RingEvent {
  call: string;
  line: string | null;
  ring: number;
  apologise: boolean;
}

/** An entry of a call's log. */
export interface CallEvent {
  id: string;
  at: string;
  call: string;
  kind: string;
  data?: Record<string, unknown>;
  offset_us: number;
  caller?: { number?: string; name?: string };
}

/** Somebody should look at a call. */
export interface AttentionEvent {
  call: string;
  line: string | null;
  [what: string]: unknown;
}

/** What an agent does from now on. */
export interface AgentEvent {
  agent: string;
  state: string;
  reason: string | null;
  since: string;
  call: string | null;
  asks_break: string | null;
  asked_break_at: string | null;
  shift: string | null;
  wrap_up_until: string | null;
  break_until: string | null;
}

/** Who waits in a queue, and who serves. */
export interface QueueEvent {
  queue: string;
  order: string[];
  waiting: { call: string; place: number; expected_s: number | null }[];
  longest: string | null;
  staffed: number;
  missing: number;
}

/** A line was switched in an emergency, or back. */
export interface LineEvent {
  line: string;
  switched: boolean;
  by: string;
  reason: string | null;
}

/** A task was opened, claimed, released, tried or done. */
export interface TaskEvent {
  task: string;
  kind: string;
  state: string;
  action: string;
  line: string | null;
  claimed_by: string | null;
}

/** The day's figures of lines and queues; agents' are asked for. */
export type StatisticsEvent = Omit<Schema<'Statistics'>, 'agents'>;

/** What the service tells, by the name of the event. `reset`: read everything anew. */
export interface EventKinds {
  ring: RingEvent;
  call: CallEvent;
  attention: AttentionEvent;
  agent: AgentEvent;
  queue: QueueEvent;
  line: LineEvent;
  task: TaskEvent;
  statistics: StatisticsEvent;
  reset: Record<string, never>;
}

export type Kind = keyof EventKinds;

export const KINDS: readonly Kind[] = [
  'ring',
  'call',
  'attention',
  'agent',
  'queue',
  'line',
  'task',
  'statistics',
  'reset',
];
