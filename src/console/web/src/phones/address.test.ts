import { describe, expect, it } from 'vitest';

import { partsOf } from './address';

describe('an address', () => {
  it('is told in its parts', () => {
    expect(partsOf('192.0.2.1:5060')).toEqual({ host: '192.0.2.1', port: '5060' });
    expect(partsOf('[2001:db8::1]:5061')).toEqual({ host: '2001:db8::1', port: '5061' });
  });
});
