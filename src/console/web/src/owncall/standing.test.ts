import { describe, expect, it } from 'vitest';

import { standingOf } from './standing';

function events(...all: [kind: string, data?: Record<string, unknown>][]) {
  return all.map(([kind, data], n) => ({
    at: `2026-11-22T06:00:${String(n).padStart(2, '0')}Z`,
    kind,
    ...(data ? { data } : {}),
  }));
}

const doing = (what: string, more: Record<string, unknown> = {}): [string, Record<string, unknown>] => [
  'doing',
  { doing: what, by: '1001', ...more },
];

describe('how a call stands', () => {
  it('is told by who answered, and whether that was late', () => {
    const answered = standingOf(events(['target_missed'], ['answered', { agent: '1001', late: true }]));
    expect(answered.answeredBy).toBe('1001');
    expect(answered.answeredAt).toBe('2026-11-22T06:00:01Z');
    expect(answered.isLate).toBe(true);
    expect(standingOf(events(['answered', { agent: '1001', late: false }])).isLate).toBe(false);
  });

  it('changes with each hold and mute, by order or by the phone', () => {
    const held = events(doing('put_on_hold'), doing('muted'));
    expect(standingOf(held).heldSince).toBe('2026-11-22T06:00:00Z');
    expect(standingOf(held).mutedSince).toBe('2026-11-22T06:00:01Z');
    const back = standingOf(events(doing('put_on_hold'), doing('retrieved'), doing('muted'), doing('unmuted')));
    expect(back.heldSince).toBeUndefined();
    expect(back.mutedSince).toBeUndefined();
    expect(standingOf(events(['held', { by: 'agent' }])).heldSince).toBeDefined();
    expect(standingOf(events(['held', { by: 'caller' }])).heldSince).toBeUndefined();
    expect(standingOf(events(['held', { by: 'agent' }], ['resumed', { by: 'agent' }])).heldSince).toBeUndefined();
  });

  it('knows who is beside it, in which way, until the supervisor leaves or takes it over', () => {
    const of = (...all: [string, Record<string, unknown>][]) => standingOf(events(...all)).beside;
    const lead = { supervisor: '1009' };
    const called = doing('supervisor_called', { ...lead, mode: 'listen' });
    const joined = doing('supervisor_joined', { ...lead, mode: 'listen' });
    expect(of()).toBeUndefined();
    expect(of(called)).toEqual({ agent: '1009', mode: 'listen', isThere: false });
    expect(of(called, joined)?.isThere).toBe(true);
    expect(of(called, doing('supervisor_turned', { ...lead, mode: 'barge' }))).toEqual({
      agent: '1009',
      mode: 'barge',
      isThere: false,
    });
    expect(of(called, joined, doing('supervisor_left', lead))).toBeUndefined();
    expect(of(called, joined, doing('took_over', { ...lead, from: '1001' }))).toBeUndefined();
  });

  it('knows who is asked, until that is over', () => {
    const asked = events(
      doing('consult_began', { consult: 1, target: { agent: '1002' } }),
      doing('consult_answered', { consult: 1 }),
      doing('three_joined', { consult: 1 }),
    );
    expect(standingOf(asked).consult).toEqual({
      n: 1,
      target: { agent: '1002' },
      isAnswered: true,
      isThree: true,
    });
    const over = [...asked, ...events(doing('consult_ended', { consult: 1, end: 'target_left', result: 'refused' }))];
    expect(standingOf(over).consult).toBeUndefined();
    expect(standingOf(over).failure).toBe('refused');
  });

  it('tells of a transfer while it is tried, and why it failed', () => {
    const tried = events(['transfer_requested', { transfer: 1, target: { line: 'repairs' } }]);
    expect(standingOf(tried).transfer).toEqual({ line: 'repairs' });
    const failed = [...tried, ...events(['transfer_ended', { transfer: 1, result: 'no_answer' }])];
    expect(standingOf(failed)).toMatchObject({ transfer: undefined, failure: 'no_answer' });
    const done = [...tried, ...events(['transfer_ended', { transfer: 1, result: 'answered' }])];
    expect(standingOf(done).failure).toBeUndefined();
  });

  it('ends once, and takes no harm from what it does not know', () => {
    const strange = events(['of_a_later_version'], doing('also_later'), ['hung_up'], ['ended']);
    expect(standingOf(strange).isOver).toBe(true);
    expect(standingOf([]).isOver).toBe(false);
  });

  it('is not settled while the recording notice plays', () => {
    expect(standingOf(events(['notice_started'])).noticePlays).toBe(true);
    expect(standingOf(events(['notice_started'], ['notice_ended'])).noticePlays).toBe(false);
  });

  it('remembers a raised hand and a paused recording', () => {
    expect(standingOf(events(doing('hand_raised', { raised: true }))).handIsRaised).toBe(true);
    expect(standingOf(events(doing('hand_raised', { raised: true }), doing('hand_raised', { raised: false }))).handIsRaised).toBe(false);
    expect(standingOf(events(['recording_turned', { turn: 'paused' }])).recordingIsPaused).toBe(true);
    expect(standingOf(events(['recording_turned', { turn: 'resumed' }])).recordingIsPaused).toBe(false);
  });
});
