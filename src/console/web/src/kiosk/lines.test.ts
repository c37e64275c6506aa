import { describe, expect, it } from 'vitest';

import { Lines } from './lines';

describe('events of a stream', () => {
  const text = 'retry: 1000\n\nid: 7\nevent: queue\ndata: {"a":1}\n\n: still here\n\nevent: agent\r\ndata: {}\r\n\r\n';
  const whole = [
    { kind: 'queue', data: '{"a":1}', id: '7' },
    { kind: 'agent', data: '{}', id: '7' },
  ];

  it('are the same wherever the stream was cut', () => {
    expect(new Lines().take(text)).toEqual(whole);
    const lines = new Lines();
    expect(Array.from(text).flatMap((letter) => lines.take(letter))).toEqual(whole);
  });

  it('are none before their end', () => {
    const lines = new Lines();
    expect(lines.take('event: queue\ndata: {}\n')).toEqual([]);
    expect(lines.take('\n')).toHaveLength(1);
  });
});
