import { Descriptions, type DescriptionsProps, Flex } from 'antd';
import type { ReactNode } from 'react';

import type { Schema } from '../api/types';
import { CallerName } from '../calls/CallerName';
import { GradeTag } from '../calls/GradeTag';
import { OutcomeTag } from '../calls/OutcomeTag';
import { useFlags } from '../calls/useFlags';
import { useCodeName } from '../note/useCodeName';
import { Time } from '../time/Time';
import { lengthOf } from '../time/format';
import { useTexts } from './texts';

/** What there is to know of a call before one hears it. */
export function CallFacts({ call }: { call: Schema<'CallDetailView'> }) {
  const t = useTexts();
  const seconds = (ms: number | null | undefined) => (ms == null ? '—' : `${(ms / 1000).toFixed(1)} s`);
  const customer = call.customer;
  const nameOf = useCodeName(call.line);
  const flags = useFlags(call);
  const party = { caller: t('side.caller'), agent: t('side.agent'), system: t('how.system') } as const;
  const hangUp = Object.entries(party).find(([name]) => name === call.hangup_party)?.[1];
  const fact = (key: string, label: string, children: ReactNode) => ({ key, label, children });
  const items: DescriptionsProps['items'] = [
    fact('arrived', t('arrived'), <Time at={call.arrived_at} />),
    fact('caller', t('caller'), <CallerName call={call} />),
    fact('line', t('line'), call.line ?? call.dialled),
    fact('outcome', t('outcome'), <OutcomeTag outcome={call.outcome} />),
    fact('rings', t('rings'), call.rings == null ? '—' : t('ringsAndTime', { rings: t('ringCount', { count: call.rings }), time: seconds(call.caller_ring_ms) })),
    fact('grade', t('grade'), call.grade == null ? '—' : <GradeTag grade={call.grade} />),
    fact('queue', t('queue'), seconds(call.queue_ms)),
    fact('agent', t('agent'), call.answered_by ?? '—'),
    fact('talk', t('talk'), call.talk_ms == null ? '—' : lengthOf(call.talk_ms)),
    fact('hangUp', t('hangUp'), hangUp ?? '—'),
    fact('purpose', t('purpose'), call.purpose == null ? '—' : nameOf(call.purpose)),
    fact('result', t('result'), call.result == null ? '—' : nameOf(call.result)),
  ];
  if (flags.length > 0) items.push(fact('flags', t('flags'), <Flex gap={4} wrap>{flags}</Flex>));
  if (customer) items.push(fact('customer', t('customer'), [customer.name, customer.form, customer.level].filter(Boolean).join(' · ')));
  return <Descriptions size="small" column={{ xs: 1, sm: 2, lg: 3, xl: 4 }} items={items} />;
}
