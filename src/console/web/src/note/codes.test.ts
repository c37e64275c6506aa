import { describe, expect, it } from 'vitest';

import { choiceOf, fieldsFor, labelOf, nameOf, offered, withKinds } from './codes';

const purposes = [
  { code: 'repair', name: '报修', retired: false },
  { code: 'repair.lift', parent: 'repair', name: '电梯', name_en: 'Lift', retired: false },
  { code: 'complaint', name: '投诉', retired: false },
];
const field = (name: string, of: string[]) => ({
  name,
  label: name,
  kind: 'text',
  choices: [],
  choice_names: [],
  required: false,
  purposes: of,
});

describe('codes', () => {
  it('have a name in the language of the screen, if there is one', () => {
    expect(purposes.map((code) => nameOf(code, 'en'))).toEqual(['报修', 'Lift', '投诉']);
    expect(purposes.map((code) => nameOf(code, 'zh-CN'))).toEqual(['报修', '电梯', '投诉']);
  });

  // R078: so has what a form asks for, and what can be chosen there.
  it('are asked for in the language of the screen', () => {
    const choice_names = [{ value: 'venting', name: '发泄型', name_en: 'Venting' }, { value: 'two', name: '两居' }];
    const size = { ...field('size', []), label: '户型', label_en: 'Size', choices: ['venting', 'two', 'x'], choice_names };
    expect([labelOf(size, 'en'), labelOf(size, 'zh-CN'), labelOf(field('own', []), 'en')]).toEqual(['Size', '户型', 'own']);
    expect(size.choices.map((value) => choiceOf(value, size, 'en'))).toEqual(['Venting', '两居', 'x']);
    expect(size.choices.map((value) => choiceOf(value, size, 'zh-CN'))).toEqual(['发泄型', '两居', 'x']);
  });

  it('are kinds of others, and a form asks by that', () => {
    expect(withKinds('repair.lift', purposes)).toEqual(['repair.lift', 'repair']);
    expect(withKinds('gone', purposes)).toEqual([]);
    const codes = { purposes, outcomes: [], fields: [field('name', []), field('place', ['repair'])] };
    const asked = (purpose?: string) => fieldsFor(purpose, codes).map(({ name }) => name);
    expect(asked('repair.lift')).toEqual(['name', 'place']);
    expect(asked('complaint')).toEqual(['name']);
    expect(asked()).toEqual(['name']);
  });

  it('are not offered any more when they are retired, with their kinds', () => {
    const told = (retired: string, chosen?: string) =>
      offered(purposes.map((code) => ({ ...code, retired: code.code === retired })), chosen).map(({ code }) => code);
    expect(told('nothing')).toEqual(['repair', 'repair.lift', 'complaint']);
    expect(told('repair')).toEqual(['complaint']);
    expect(told('repair.lift')).toEqual(['repair', 'complaint']);
    // What a call has already stays in sight.
    expect(told('repair', 'repair.lift')).toEqual(['repair', 'repair.lift', 'complaint']);
  });

  it('that name each other come to an end all the same', () => {
    const round = [
      { code: 'a', parent: 'b', name: 'a', retired: false },
      { code: 'b', parent: 'a', name: 'b', retired: false },
    ];
    expect(withKinds('a', round)).toEqual(['a']);
  });
});
