import { describe, expect, it } from 'vitest';

import { programOf } from './programOf';

describe('a program', () => {
  it('is told by browser and system', () => {
    const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
    expect(programOf(chrome)).toBe('Chrome, Windows');
    expect(programOf(`${chrome} Edg/140.0`)).toBe('Edge, Windows');
    expect(programOf('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe('Firefox, Linux');
    expect(programOf('curl/8.9.1')).toBe('curl');
    expect(programOf('')).toBeUndefined();
    expect(programOf(null)).toBeUndefined();
  });
});
