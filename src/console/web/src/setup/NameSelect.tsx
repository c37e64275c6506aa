import { Select } from 'antd';

import { api } from '../api/client';
import type { KindName } from './kinds';
import { useTexts } from './texts';

/** One section of a kind, by its name. */
export function NameSelect({
  kind,
  ...given
}: {
  kind: KindName;
  id?: string;
  value?: string;
  onChange?: (name: string) => void;
}) {
  const t = useTexts();
  const sections = api.useQuery('get', '/api/v1/setup/{kind}', { params: { path: { kind } } });
  const options = sections.data?.items.map(({ name }) => ({ value: name, label: name }));
  return <Select {...given} allowClear showSearch options={options ?? []} placeholder={t('none')} />;
}
