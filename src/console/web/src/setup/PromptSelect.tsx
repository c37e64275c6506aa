import { Select } from 'antd';

import { api } from '../api/client';
import { useTexts } from './texts';

/** One of the prompts that are there. */
export function PromptSelect(given: { id?: string; value?: string; onChange?: (name: string) => void }) {
  const t = useTexts();
  const prompts = api.useQuery('get', '/api/v1/prompts');
  const options = prompts.data?.items.map(({ name }) => ({ value: name, label: name }));
  return <Select {...given} allowClear showSearch options={options ?? []} placeholder={t('none')} />;
}
