import { describe, expect, it } from 'vitest';

import { firstFor, isFor, screens } from './screens';

describe('screens', () => {
  it('have a path and a place each', () => {
    const paths = screens.map((screen) => screen.path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toContain('/account');
    for (const screen of screens) {
      expect(screen.path).toMatch(/^\/[a-z-/]+$/);
      expect(screen.needs, screen.path).not.toHaveLength(0);
      expect(screen.title.every(Boolean), screen.path).toBe(true);
    }
  });

  it('are only those that one may see', () => {
    for (const screen of screens) {
      expect(isFor(screen, [])).toBe(false);
      expect(isFor(screen, screen.needs.slice(0, 1))).toBe(true);
    }
    expect(firstFor([])).toBeUndefined();
    expect(firstFor(['use_account'])?.path).toBe('/account');
  });
});
