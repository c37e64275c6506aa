import { describe, expect, it } from 'vitest';

import { type Row, add, canGo, drop, faultsOf, isOut, put, rowsOf, step, written } from './rows';

const code = (code: string, parent?: string) => ({ code, name: code.toUpperCase(), parent: parent ?? null, retired: false });
const TREE = [code('repair'), code('complaint'), code('leak', 'repair'), code('roof', 'leak'), code('lift', 'repair')];

/** As it is read: each with its depth. */
const told = (rows: readonly Row[]) => rows.map((row) => `${'-'.repeat(row.depth)}${row.code}`);

describe('the rows of a tree', () => {
  const rows = rowsOf(TREE);

  it('stand as the tree is read, whatever the order of the codes, and say the same again', () => {
    expect(told(rows)).toEqual(['repair', '-leak', '--roof', '-lift', 'complaint']);
    expect(written(rows)).toEqual([
      { code: 'repair', name: 'REPAIR' },
      { code: 'leak', name: 'LEAK', parent: 'repair' },
      { code: 'roof', name: 'ROOF', parent: 'leak' },
      { code: 'lift', name: 'LIFT', parent: 'repair' },
      { code: 'complaint', name: 'COMPLAINT' },
    ]);
  });

  it('move one step with all that is under them', () => {
    expect(told(step(rows, 'leak', 'down'))).toEqual(['repair', '-lift', '-leak', '--roof', 'complaint']);
    expect(told(step(rows, 'lift', 'up'))).toEqual(['repair', '-lift', '-leak', '--roof', 'complaint']);
    expect(told(step(rows, 'complaint', 'up'))).toEqual(['complaint', 'repair', '-leak', '--roof', '-lift']);
    expect(told(step(rows, 'lift', 'in'))).toEqual(['repair', '-leak', '--roof', '--lift', 'complaint']);
    expect(told(step(rows, 'leak', 'out'))).toEqual(['repair', '-lift', 'leak', '-roof', 'complaint']);
    expect(told(step(rows, 'complaint', 'in'))).toEqual(['repair', '-leak', '--roof', '-lift', '-complaint']);
  });

  it('stay where they are if there is no way', () => {
    for (const [id, way] of [
      ['repair', 'up'],
      ['repair', 'in'],
      ['repair', 'out'],
      ['leak', 'up'],
      ['roof', 'in'],
      ['roof', 'down'],
      ['complaint', 'down'],
      ['nobody', 'up'],
    ] as const) {
      expect(step(rows, id, way), `${id} ${way}`).toEqual(rows);
    }
  });

  it('are put elsewhere, and never under themselves', () => {
    expect(told(put(rows, 'leak', 'complaint', 'inside'))).toEqual(['repair', '-lift', 'complaint', '-leak', '--roof']);
    expect(told(put(rows, 'complaint', 'leak', 'before'))).toEqual(['repair', '-complaint', '-leak', '--roof', '-lift']);
    expect(told(put(rows, 'complaint', 'leak', 'after'))).toEqual(['repair', '-leak', '--roof', '-complaint', '-lift']);
    expect(put(rows, 'repair', 'roof', 'inside')).toEqual(rows);
    expect(put(rows, 'repair', 'repair', 'after')).toEqual(rows);
  });

  it('can be added anywhere, and go as long as nobody knows them', () => {
    const more = add(rows, 'leak', 'new-1');
    expect(told(more)).toEqual(['repair', '-leak', '--roof', '--leak.', '-lift', 'complaint']);
    expect(canGo(more, 'new-1')).toBe(true);
    expect(canGo(more, 'roof')).toBe(false);
    expect(drop(more, 'new-1')).toEqual(rows);
    expect(told(add(rows, undefined, 'new-2'))).toEqual([...told(rows), '']);
    // With something known under it, it stays.
    expect(canGo(put(more, 'lift', 'new-1', 'inside'), 'new-1')).toBe(false);
  });

  it('are out with what they are a kind of', () => {
    const retired = rows.map((row) => (row.id === 'leak' ? { ...row, retired: true } : row));
    expect(retired.map((_, at) => isOut(retired, at))).toEqual([false, true, true, false, false]);
    expect(written(retired)[1]).toEqual({ code: 'leak', name: 'LEAK', parent: 'repair', retired: true });
  });

  it('say what they lack', () => {
    const with_ = (part: Partial<Row>) => rows.map((row) => (row.id === 'lift' ? { ...row, ...part } : row));
    expect(faultsOf(rows).size).toBe(0);
    expect([...faultsOf(with_({ code: ' ' }))]).toEqual([['lift', 'codeMissing']]);
    expect([...faultsOf(with_({ code: 'leak.' }))]).toEqual([['lift', 'codeWrong']]);
    expect([...faultsOf(with_({ code: 'roof' }))]).toEqual([
      ['roof', 'codeTwice'],
      ['lift', 'codeTwice'],
    ]);
    expect([...faultsOf(with_({ name: '' }))]).toEqual([['lift', 'nameMissing']]);
  });
});
