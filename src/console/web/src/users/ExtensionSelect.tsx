import { Select } from 'antd';

import { api } from '../api/client';
import { useTexts } from './texts';

/** The agent whose phone is this person's, or nobody's. `id`, `value` and `onChange` come from the form. */
export function ExtensionSelect({
  id,
  value,
  onChange,
}: {
  id?: string;
  value?: string | null;
  onChange?: (extension: string | null) => void;
}) {
  const t = useTexts();
  const agents = api.useQuery('get', '/api/v1/agents');
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      {...(id === undefined ? {} : { id })}
      placeholder={t('noExtension')}
      value={value ?? null}
      onChange={(extension: string | undefined) => onChange?.(extension ?? null)}
      options={agents.data?.items.map(({ id: extension, name }) => ({
        value: extension,
        label: `${extension} ${name}`,
      })) ?? []}
    />
  );
}
