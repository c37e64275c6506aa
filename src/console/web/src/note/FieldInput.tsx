import { Input, InputNumber, Select, Switch } from 'antd';

import type { Schema } from '../api/types';

interface Props {
  id: string;
  field: Schema<'Field'>;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** One field of a line's form. */
export function FieldInput({ id, field, value, onChange }: Props) {
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
          aria-label={field.label}
          allowClear
          value={text || undefined}
          options={field.choices.map((choice) => ({ value: choice, label: choice }))}
          onChange={(chosen: string | undefined) => onChange(chosen ?? null)}
        />
      );
    case 'items':
      return (
        <Input.TextArea
          id={id}
          rows={3}
          value={Array.isArray(value) ? value.join('\n') : ''}
          onChange={(event) => onChange(event.target.value === '' ? null : event.target.value.split('\n'))}
        />
      );
    case 'date':
    case 'time':
      return <Input id={id} type={field.kind} value={text} onChange={(event) => onChange(event.target.value)} />;
    default:
      return <Input id={id} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
}
