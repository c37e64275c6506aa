import { describe, expect, it } from 'vitest';

import { messageOf } from './message';

// R183
describe('a message for somebody who cannot be reached', () => {
  it('says for whom, from whom, where to call, what, and how urgent', () => {
    const form = { whom: 'agent 1002', from: ' 王先生 ', number: ' ', text: '请回电', urgent: true };
    expect(messageOf(form)).toEqual({ agent: '1002', from: '王先生', text: '请回电', refused: false, urgency: 'urgent' });
    expect(messageOf({ whom: 'entry e1', text: 'x' })).toMatchObject({ entry: 'e1', urgency: 'normal' });
  });

  it('is kept as refused where the caller wants to leave none', () => {
    expect(messageOf({ whom: 'agent 1002', text: '不留了', refused: true })).toEqual({ agent: '1002', refused: true });
  });
});
