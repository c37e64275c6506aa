import { Select } from 'antd';

import { api } from '../api/client';

/** Agents, in the order in which they are chosen. */
export function AgentsSelect(given: { id?: string; value?: string[]; onChange?: (agents: string[]) => void }) {
  const path = { kind: 'agent' };
  const agents = api.useQuery('get', '/api/v1/setup/{kind}', { params: { path } });
  const options = agents.data?.items.map(({ name, document }) => {
    const called: unknown = (document as Record<string, unknown> | null | undefined)?.name;
    return { value: name, label: typeof called === 'string' ? `${name} ${called}` : name };
  });
  return <Select {...given} mode="multiple" options={options ?? []} showSearch={{ optionFilterProp: 'label' }} />;
}
