import type { Schema } from '../api/types';
import type { FLAGS } from './words';

type Flag = (typeof FLAGS)[number];

/** What somebody should look at in a call. */
export function flagsOf(call: Schema<'Call'>): Flag[] {
  const isSo: Record<Flag, boolean> = {
    emergency: call.emergency,
    late: call.late_answer,
    agent_first: call.agent_first,
    passed_on_often: call.passed_on_often,
    talk_long: call.talk_long,
    stage_exceeded: call.stages_exceeded.length > 0,
    withheld: call.withheld,
    anonymous: call.anonymous,
    // Nobody has spoken with a caller whose call has no answer.
    unclosed: call.answered_by != null && call.ended_at != null && call.closed_at == null,
  };
  return (Object.keys(isSo) as Flag[]).filter((flag) => isSo[flag]);
}
