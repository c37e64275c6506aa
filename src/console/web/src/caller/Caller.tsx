import { Flex, Tag, Typography } from 'antd';

import type { OwnCall } from '../owncall/useOwnCall';
import { AreaName } from './AreaName';
import { useTexts } from './texts';
import { useCallerName } from './useCallerName';

/** Who calls: name and form of address of a known customer, the number as far as it may be seen. */
export function Caller({ own }: { own: OwnCall }) {
  const t = useTexts();
  const name = useCallerName(own);
  const { call } = own;
  const number = call?.customer ? (call.caller ?? call.callee)?.number : undefined;
  return (
    <Flex align="center" gap={6} style={{ minWidth: 0 }} aria-label={t('caller')} role="group">
      <Typography.Text strong ellipsis style={{ maxWidth: 180 }} title={name}>
        {name}
      </Typography.Text>
      {number === undefined ? null : <Typography.Text className="figures">{number}</Typography.Text>}
      <AreaName area={(call?.caller ?? call?.callee)?.area} />
      {call?.customer?.level ? <Tag color="warning">{call.customer.level}</Tag> : null}
      {call?.direction === 'out' ? <Tag>{t('outbound')}</Tag> : null}
      {call?.origin === 'internal' ? <Tag>{t('internal')}</Tag> : null}
      {call?.line ? <Tag>{call.line}</Tag> : null}
    </Flex>
  );
}
