import { Form, Input, TreeSelect } from 'antd';
import { useId } from 'react';

import type { Schema } from '../api/types';
import { usePreferences } from '../preferences/context';
import { fieldsFor, labelOf, nameOf, offered } from './codes';
import type { Choice } from './useChoice';
import { FieldInput } from './FieldInput';
import styles from './NoteForm.module.css';
import { NoteStatus } from './NoteStatus';
import type { NoteInHand } from './useNote';
import { useTexts } from './texts';

interface Props {
  note: NoteInHand;
  codes: Schema<'Codes'>;
  choice: Choice;
  /** Fields that keep the record from being closed. */
  missing: readonly string[];
}

/** What somebody writes down about a call: why it came, the form of the line, and the words. */
export function NoteForm({ note, codes, choice, missing }: Props) {
  const t = useTexts();
  const id = useId();
  const { language } = usePreferences();
  const { draft } = note.state;
  const purposes = offered(codes.purposes, choice.purpose).map((code) => ({
    id: code.code,
    pId: code.parent ?? null,
    value: code.code,
    title: nameOf(code, language),
    disabled: code.retired,
  }));
  const faulty = (name: string) =>
    missing.includes(name) ? { validateStatus: 'error' as const, help: t('missing') } : {};
  return (
    <Form layout="vertical" component="div">
      <Form.Item label={t('purpose')} htmlFor={`${id}purpose`} {...faulty('purpose')}>
        <TreeSelect
          id={`${id}purpose`}
          aria-label={t('purpose')}
          treeData={purposes}
          treeDataSimpleMode
          treeDefaultExpandAll
          showSearch={{ treeNodeFilterProp: 'title' }}
          allowClear
          placeholder={t('choosePurpose')}
          value={choice.purpose}
          onChange={(purpose: string | undefined) => choice.choose({ purpose })}
        />
      </Form.Item>
      <Form.Item label={t('note')} htmlFor={`${id}note`} {...faulty('note')} style={{ marginBottom: 8 }}>
        <Input.TextArea
          id={`${id}note`}
          rows={5}
          placeholder={t('placeholder')}
          value={draft.text}
          disabled={note.state.status === 'loading'}
          onChange={(event) => note.saver.type({ text: event.target.value })}
          onBlur={() => note.saver.flush()}
        />
      </Form.Item>
      <NoteStatus note={note} />
      <div className={styles.fields}>
        {fieldsFor(choice.purpose, codes).map((field) => (
          <Form.Item
            key={field.name}
            {...(field.kind === 'items' ? { className: styles.whole ?? '' } : {})}
            label={labelOf(field, language)}
            htmlFor={`${id}${field.name}`}
            required={field.required}
            {...faulty(field.name)}
          >
            <FieldInput
              id={`${id}${field.name}`}
              field={field}
              value={draft.fields[field.name]}
              onChange={(value) => note.saver.type({ fields: withValue(draft.fields, field.name, value) })}
            />
          </Form.Item>
        ))}
      </div>
    </Form>
  );
}

/** A field that is empty again is none. */
function withValue(fields: Readonly<Record<string, unknown>>, name: string, value: unknown) {
  const all = Object.entries({ ...fields, [name]: value });
  return Object.fromEntries(all.filter(([, one]) => one !== null && one !== '' && one !== undefined));
}
