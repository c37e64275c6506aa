import { Input, InputNumber, Select, Switch } from 'antd';

import type { Schema } from '../api/types';
import { usePreferences } from '../preferences/context';
import { ItemsInput } from './ItemsInput';
import { choiceOf, labelOf } from './codes';

interface Props {
  id: string;
  field: Schema<'Field'>;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** One field of a line's form. */
export function FieldInput({ id, field, value, onChange }: Props) {
  const { language } = usePreferences();
  const text = typeof value === 'string' ? value : '';
  switch (field.kind) {
    case 'flag':
      return <Switch id={id} checked={value === true} onChange={onChange} />;
    case 'number':
      return (
        <InputNumber
          id={id}
          style={{ width: '100%' }}
          value={typeof value === 'number' ? value : null}
          onChange={onChange}
        />
      );
    case 'choice':
      return (
        <Select
          id={id}
          aria-label={labelOf(field, language)}
          allowClear
          value={text || undefined}
          options={field.choices.map((choice) => ({ value: choice, label: choiceOf(choice, field, language) }))}
          onChange={(chosen: string | undefined) => onChange(chosen ?? null)}
        />
      );
    case 'items':
      return <ItemsInput id={id} value={value} onChange={onChange} />;
    case 'date':
      return <Input id={id} type="date" value={text} onChange={(event) => onChange(event.target.value)} />;
    case 'time':
      // The service wants a day and a time.
      return <Input id={id} type="datetime-local" value={text} onChange={(event) => onChange(event.target.value)} />;
    default:
      return <Input id={id} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}
