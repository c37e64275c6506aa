import { Button, Card, Descriptions, Typography } from 'antd';
import { useState } from 'react';

import { client } from '../api/client';
import { AreaName } from '../caller/AreaName';
import { useCallerName } from '../caller/useCallerName';
import type { OwnCall } from '../owncall/useOwnCall';
import { useAccount } from '../session/context';
import { ProblemAlert } from '../states/ProblemAlert';
import { Time } from '../time/Time';
import { useTexts } from './texts';

/** Who calls, and what is known of the call. */
export function CallerCard({ own }: { own: OwnCall }) {
  const t = useTexts();
  const { may } = useAccount();
  const name = useCallerName(own);
  const [number, setNumber] = useState<string>();
  const [error, setError] = useState<unknown>();
  const { call } = own;
  const party = call?.caller ?? call?.callee;
  const reveal = async () => {
    try {
      const body = { reason: t('revealReason') };
      const { data } = await client.POST('/api/v1/calls/{id}/reveal', { params: { path: { id: own.id } }, body });
      setNumber(data?.number);
    } catch (failed) {
      setError(failed);
    }
  };
  return (
    <Card size="small" title={t('caller')}>
      <ProblemAlert error={error} />
      <Descriptions
        column={1}
        size="small"
        colon={false}
        styles={{ label: { minWidth: 76 } }}
        items={[
          // Of somebody who is not known the number says all.
          ...(call?.customer || !party
            ? [{ key: 'name', label: t('name'), children: <Typography.Text strong>{name}</Typography.Text> }]
            : []),
          ...(party
            ? [
                {
                  key: 'number',
                  label: t('number'),
                  children: (
                    <>
                      <Typography.Text className="figures" copyable={number === undefined ? false : { text: number }}>
                        {number ?? party.number}
                      </Typography.Text>
                      <AreaName area={party.area} />
                      {number === undefined && may.includes('reveal_number') ? (
                        <Button type="link" size="small" onClick={() => void reveal()}>
                          {t('reveal')}
                        </Button>
                      ) : null}
                    </>
                  ),
                },
              ]
            : []),
          ...(call?.customer?.level ? [{ key: 'level', label: t('level'), children: call.customer.level }] : []),
          ...(call?.line ? [{ key: 'line', label: t('line'), children: call.line }] : []),
          ...(call ? [{ key: 'at', label: t('arrived'), children: <Time at={call.arrived_at} /> }] : []),
        ]}
      />
    </Card>
  );
}
