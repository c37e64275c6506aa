import { Alert } from 'antd';

import { api } from '../api/client';
import { useTexts } from './texts';

/** A change of another program's is seen so soon. */
const LOOK_EVERY_MS = 3_000;

/** Says so where calls do not go by what is set up. */
export function InEffect() {
  const t = useTexts();
  const { data } = api.useQuery('get', '/api/v1/setup', {}, { refetchInterval: LOOK_EVERY_MS });
  if (data?.refused == null) return null;
  return (
    <Alert
      type="error"
      showIcon
      title={t('refused', { revision: data.refused, inEffect: data.in_effect })}
      description={
        <ul style={{ margin: 0, paddingInlineStart: 20 }}>
          {data.faults.map(({ name, detail }) => (
            <li key={`${name} ${detail}`}>
              <code>{name}</code> {detail}
            </li>
          ))}
        </ul>
      }
    />
  );
}
