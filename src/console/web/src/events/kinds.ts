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

/** It has turned out who calls; what else is known stands in the call. */
export interface CallerEvent {
  call: string;
  line: string | null;
}

/** What somebody should look at, and what there is to say of it. */
export type Attention =
  | { what: 'hold_is_long'; held_ms: number; is_very_long: boolean }
  | { what: 'hand'; agent: string; raised: boolean }
  | { what: 'escalated'; agent: string; to: string | null; urgent: boolean; skipped: string[] }
  | { what: 'emergency'; agent: string; contact: string }
  | { what: 'passed_on_often'; transfers: number }
  | { what: 'private_is_long'; is_over: boolean }
  | { what: 'stage_is_long'; stage: string; limit_ms: number };

/** Somebody should look at a call. */
export type AttentionEvent = { call: string; line: string | null } & Attention;

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

/** Something was reported up the line, or somebody there has seen it. */
export interface IncidentEvent {
  incident: string;
  kind: string;
  action: string;
  recipient: string;
}

/** A call's record was sent to a department, or read there. */
export interface RelayEvent {
  relay: string;
  call: string;
  entry: string;
  action: string;
}

/** So many callers have rung for the same thing that a report was written. */
export interface ReportEvent {
  report: string;
  topic: string;
  cause: string;
  count: number;
}

/** Something was set up anew; it is in effect, or it could not be put into effect. */
export interface SetupEvent {
  revision: number;
  in_effect: boolean;
  sections: { kind: string; name: string; version: number }[];
}

/** The day's figures of lines and queues; agents' are asked for. */
export type StatisticsEvent = Omit<Schema<'Statistics'>, 'agents'>;

/** What the service tells, by the name of the event. `reset`: read everything anew. */
export interface EventKinds {
  ring: RingEvent;
  call: CallEvent;
  caller: CallerEvent;
  attention: AttentionEvent;
  agent: AgentEvent;
  queue: QueueEvent;
  line: LineEvent;
  task: TaskEvent;
  incident: IncidentEvent;
  relay: RelayEvent;
  report: ReportEvent;
  setup: SetupEvent;
  statistics: StatisticsEvent;
  reset: Record<string, never>;
}

export type Kind = keyof EventKinds;

export const KINDS: readonly Kind[] = [
  'ring',
  'call',
  'caller',
  'attention',
  'agent',
  'queue',
  'line',
  'task',
  'incident',
  'relay',
  'report',
  'setup',
  'statistics',
  'reset',
];
