import { describe, expect, it } from 'vitest';

import { departmentsOf, entryOf, matterOf, writtenEntry, writtenMatter } from './documents';

describe('what the directory keeps', () => {
  it('is sent without what is empty, and with numbers as they are dialled', () => {
    const entry = entryOf({ name: ' 工程部 ', kind: 'department', number: '(010) 6522-1000', mobile: '', hours: [] });
    expect(writtenEntry(entry)).toEqual({ name: '工程部', kind: 'department', number: '01065221000' });
    const matter = matterOf({ name: '电梯故障', department: '工程部', keywords: ['电梯'], say: '  ' });
    expect(writtenMatter(matter)).toEqual({ name: '电梯故障', department: '工程部', keywords: ['电梯'], out_of_scope: false });
  });

  it('says nothing of what is only shown', () => {
    const shown = { id: 'x', version: 3, name: '张三', kind: 'person', presence: 'ready', can_be_target: true };
    expect(writtenEntry(entryOf(shown as never))).toEqual({ name: '张三', kind: 'person' });
  });

  it('names each department once', () => {
    const entries = [
      { name: '张三', kind: 'person', department: 'B' },
      { name: 'A', kind: 'department' },
      { name: '李四', kind: 'person' },
    ];
    expect(departmentsOf(entries, [{ department: 'B' }, { department: 'C' }])).toEqual(['A', 'B', 'C']);
  });
});
