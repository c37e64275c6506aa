import { describe, expect, it } from 'vitest';

import type { Schema } from '../api/types';
import { flagsOf } from './flags';

const plain = {
  emergency: false,
  late_answer: false,
  agent_first: false,
  passed_on_often: false,
  talk_long: false,
  stages_exceeded: [],
  withheld: false,
  anonymous: false,
  answered_by: '1001',
  ended_at: '2026-11-22T08:00:00Z',
  closed_at: '2026-11-22T08:01:00Z',
} as unknown as Schema<'Call'>;

describe('what somebody should look at in a call', () => {
  it('is nothing where all went as it should', () => {
    expect(flagsOf(plain)).toEqual([]);
  });

  // R281, R011, R119, R052
  it('is each thing that did not', () => {
    const call = { ...plain, emergency: true, late_answer: true, passed_on_often: true, talk_long: true };
    expect(flagsOf(call)).toEqual(['emergency', 'late', 'passed_on_often', 'talk_long']);
    expect(flagsOf({ ...plain, stages_exceeded: ['talk'] })).toEqual(['stage_exceeded']);
  });

  // R093
  it('is that it is not closed, once it is over and somebody has answered', () => {
    expect(flagsOf({ ...plain, closed_at: null })).toEqual(['unclosed']);
    expect(flagsOf({ ...plain, closed_at: null, ended_at: null })).toEqual([]);
    expect(flagsOf({ ...plain, closed_at: null, answered_by: null })).toEqual([]);
  });
});
