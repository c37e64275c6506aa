import { describe, expect, it } from 'vitest';

import { type Span, type Timeline, lengthOfAxis, overWave, placed } from './lanes';

function span(what: string, from_ms: number, to_ms?: number, on?: [number, number]): Span {
  return {
    what,
    at: '2026-11-21T08:00:00Z',
    from_ms,
    ...(to_ms === undefined ? {} : { to_ms }),
    ...(on ? { recording_from_ms: on[0], recording_to_ms: on[1] } : {}),
  };
}

function line(spans: Span[], ended_ms?: number): Timeline {
  return { arrived_at: '2026-11-21T08:00:00Z', spans, ...(ended_ms === undefined ? {} : { ended_ms }) };
}

describe('lanes', () => {
  it('place what happened on the call’s axis', () => {
    const lanes = placed(line([span('ring', 500, 5500), span('talk', 10_000, 20_000), span('unheard_of', 0, 1)], 20_000));
    expect([...lanes.keys()]).toEqual(['caller', 'talk']);
    expect(lanes.get('talk')?.[0]).toMatchObject({ left: 50, width: 50, row: 0 });
  });

  it('put what overlaps below one another', () => {
    const lanes = placed(line([span('attempt', 0, 100), span('attempt', 50, 150), span('attempt', 100, 200)], 200));
    expect(lanes.get('agents')?.map(({ row }) => row)).toEqual([0, 1, 0]);
  });

  it('go as far as is known while a call goes on', () => {
    const running = line([span('ring', 0, 5000), span('talk', 7000)]);
    expect(lengthOfAxis(running)).toBe(7000);
    expect(placed(running).get('talk')?.[0]?.left).toBe(100);
    expect(lengthOfAxis(line([]))).toBe(1);
  });

  it('over the waveform show what is on the recording only', () => {
    const shown = overWave(line([span('ring', 0, 500), span('hold', 500, 900), span('gap', 600, 700, [100, 200])]), 1000);
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ left: 10, width: 10 });
  });
});
