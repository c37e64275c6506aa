import { describe, expect, it } from 'vitest';

import { isOver, nextLoop } from './loop';

describe('a loop', () => {
  it('is begun, ended and left by the same key', () => {
    const begun = nextLoop(undefined, 1000);
    expect(begun).toEqual({ from: 1000 });
    const whole = nextLoop(begun, 4000);
    expect(whole).toEqual({ from: 1000, to: 4000 });
    expect(nextLoop(whole, 5000)).toBeUndefined();
  });

  it('is turned round where its end comes first, and is none of no length', () => {
    expect(nextLoop({ from: 4000 }, 1000)).toEqual({ from: 1000, to: 4000 });
    expect(nextLoop({ from: 4000 }, 4100)).toBeUndefined();
  });

  it('begins again at its end', () => {
    expect(isOver({ from: 1000, to: 4000 }, 3999)).toBe(false);
    expect(isOver({ from: 1000, to: 4000 }, 4000)).toBe(true);
    expect(isOver({ from: 1000 }, 9000)).toBe(false);
    expect(isOver(undefined, 9000)).toBe(false);
  });
});
