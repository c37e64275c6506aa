import type { Schema } from '../api/types';

export type Span = Schema<'Span'>;
export type Timeline = Schema<'Timeline'>;

/** The lanes of a call's time line, from above. */
export const LANES = ['caller', 'system', 'agents', 'talk', 'beside', 'recording'] as const;
export type Lane = (typeof LANES)[number];

/** What can happen to a call, the lane that it stands in, and how it is drawn. */
export const WHATS = [
  { name: 'arrival', lane: 'caller', colour: 'grey' },
  { name: 'ring', lane: 'caller', colour: 'blue' },
  { name: 'target_missed', lane: 'caller', colour: 'red' },
  { name: 'queue', lane: 'caller', colour: 'orange' },
  { name: 'prompt', lane: 'system', colour: 'cyan' },
  { name: 'menu', lane: 'system', colour: 'cyan' },
  { name: 'notice', lane: 'system', colour: 'cyan' },
  { name: 'announcement', lane: 'system', colour: 'cyan' },
  { name: 'message', lane: 'system', colour: 'purple' },
  { name: 'survey', lane: 'system', colour: 'purple' },
  { name: 'connected', lane: 'system', colour: 'grey' },
  { name: 'attempt', lane: 'agents', colour: 'blue' },
  { name: 'answer', lane: 'agents', colour: 'green' },
  { name: 'taken_over', lane: 'agents', colour: 'grey' },
  { name: 'talk', lane: 'talk', colour: 'green' },
  { name: 'hold', lane: 'talk', colour: 'orange' },
  { name: 'mute', lane: 'talk', colour: 'grey' },
  { name: 'hang_up', lane: 'talk', colour: 'red' },
  { name: 'end', lane: 'talk', colour: 'grey' },
  { name: 'consult', lane: 'beside', colour: 'purple' },
  { name: 'three_way', lane: 'beside', colour: 'purple' },
  { name: 'park', lane: 'beside', colour: 'orange' },
  { name: 'transfer', lane: 'beside', colour: 'purple' },
  { name: 'supervision', lane: 'beside', colour: 'cyan' },
  { name: 'hand_raised', lane: 'beside', colour: 'orange' },
  { name: 'escalated', lane: 'beside', colour: 'orange' },
  { name: 'emergency', lane: 'beside', colour: 'red' },
  { name: 'quality_offered', lane: 'beside', colour: 'purple' },
  { name: 'passed_on_often', lane: 'beside', colour: 'red' },
  { name: 'private', lane: 'talk', colour: 'grey' },
  { name: 'stage_long', lane: 'talk', colour: 'orange' },
  { name: 'silence_warned', lane: 'system', colour: 'orange' },
  { name: 'silence', lane: 'recording', colour: 'orange' },
  { name: 'recording_off', lane: 'recording', colour: 'grey' },
  { name: 'gap', lane: 'recording', colour: 'red' },
] as const satisfies readonly { name: string; lane: Lane; colour: Colour }[];

export type Colour = 'grey' | 'blue' | 'red' | 'orange' | 'cyan' | 'purple' | 'green';
export type What = (typeof WHATS)[number];

/** What a span is; what this console does not know has no lane. */
export function whatOf({ what }: Span): What | undefined {
  return WHATS.find(({ name }) => name === what);
}

/** What is drawn over the waveform. */
const OVER_WAVE: readonly string[] = ['notice', 'hold', 'consult', 'transfer', 'recording_off', 'gap', 'silence', 'message', 'survey'];

/** A span as a part of an axis, in percent. */
export interface Placed {
  span: Span;
  what: What;
  /** Which row of its lane: what overlaps stands below. */
  row: number;
  left: number;
  width: number;
}

/** The length of a call's axis in milliseconds: to its end, or as far as is known. */
export function lengthOfAxis({ ended_ms, spans }: Timeline): number {
  const known = spans.map(({ from_ms, to_ms }) => to_ms ?? from_ms);
  return Math.max(ended_ms ?? 0, ...known, 1);
}

/** The spans of each lane, placed on the call's axis. */
export function placed(line: Timeline): Map<Lane, Placed[]> {
  const length = lengthOfAxis(line);
  const lanes = new Map<Lane, Placed[]>();
  const rows = new Map<Lane, number[]>();
  for (const span of line.spans) {
    const what = whatOf(span);
    if (!what) continue;
    const to = span.to_ms ?? length;
    const ends = rows.get(what.lane) ?? [];
    const isPoint = to === span.from_ms;
    const free = ends.findIndex((end) => end <= span.from_ms);
    const row = isPoint ? 0 : free < 0 ? ends.length : free;
    if (!isPoint) ends[row] = to;
    rows.set(what.lane, ends);
    const lane = lanes.get(what.lane) ?? [];
    lane.push({ span, what, row, left: percent(span.from_ms, length), width: percent(to - span.from_ms, length) });
    lanes.set(what.lane, lane);
  }
  return lanes;
}

/** What stands over the waveform, placed on the recording's axis. */
export function overWave({ spans }: Timeline, durationMs: number): Placed[] {
  return spans.flatMap((span) => {
    const what = whatOf(span);
    const from = span.recording_from_ms;
    if (!what || from == null || !OVER_WAVE.includes(span.what)) return [];
    const to = span.recording_to_ms ?? durationMs;
    return [{ span, what, row: 0, left: percent(from, durationMs), width: percent(to - from, durationMs) }];
  });
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.min(100, (100 * part) / whole) : 0;
}
