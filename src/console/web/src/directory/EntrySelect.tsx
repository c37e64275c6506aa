import { Select } from 'antd';

import { api } from '../api/client';

interface Given {
  id?: string;
  isMultiple?: boolean;
  placeholder?: string;
  value?: string[] | string | null;
  onChange?: (value: string[] | string | null) => void;
}

/** Entries of the directory; of several, in the order in which they are chosen. */
export function EntrySelect({ isMultiple = false, value, onChange, ...given }: Given) {
  const directory = api.useQuery('get', '/api/v1/directory');
  const options = directory.data?.items.flatMap(({ id, name, department, function: post }) => {
    const what = [department, post].filter(Boolean).join(' · ');
    return id ? [{ value: id, label: what ? `${name} · ${what}` : name }] : [];
  });
  return (
    <Select
      {...given}
      {...(isMultiple ? { mode: 'multiple' as const } : {})}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      options={options ?? []}
      value={value ?? null}
      onChange={(chosen: string[] | string | null | undefined) => onChange?.(chosen ?? null)}
    />
  );
}
