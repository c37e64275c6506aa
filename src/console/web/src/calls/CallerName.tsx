import { Typography } from 'antd';

import type { Schema } from '../api/types';
import { AreaName } from '../caller/AreaName';
import { useTexts } from './texts';

/** The person at the other end: the number masked as the service gives it, and the name it came with. */
export function CallerName({ call }: { call: Schema<'Call'> }) {
  const t = useTexts();
  const party = call.direction === 'out' ? call.callee : call.caller;
  if (call.withheld && call.direction !== 'out') return <Typography.Text type="secondary">{t('withheld')}</Typography.Text>;
  if (!party) return <Typography.Text type="secondary">{t('anonymous')}</Typography.Text>;
  return (
    <span className="figures">
      {party.number}
      <AreaName area={party.area} />
      {party.name ? <Typography.Text type="secondary"> {party.name}</Typography.Text> : null}
    </span>
  );
}
