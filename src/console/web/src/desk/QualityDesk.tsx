import { Button, Card, Flex, Tag, Typography } from 'antd';

import { api } from '../api/client';
import { useConduct } from '../owncall/useConduct';
import { useMay } from '../session/context';
import { useTexts } from './texts';

const DONE = ['transferred', 'number_told', 'declined'] as const;

/** Who looks after complaints: the caller is put through, or told the number, and it is kept which (R108). */
export function QualityDesk({ call, purpose }: { call: string; purpose: string | undefined }) {
  const t = useTexts();
  const mayConduct = useMay('conduct_call');
  const query = purpose === undefined ? {} : { purpose };
  const desk = api.useQuery('get', '/api/v1/calls/{id}/quality-desk', { params: { path: { id: call }, query } });
  const conduct = useConduct(call);
  if (!desk.data?.offered) return null;
  const { name, number, can_transfer, done } = desk.data;
  const said = DONE.find((one) => one === done);
  const offer = async (what: (typeof DONE)[number]) => {
    if (await conduct.offerQuality(what)) void desk.refetch();
  };
  return (
    <Card size="small" title={t('quality')} extra={said ? <Tag color="success">{t(`quality.${said}`)}</Tag> : null}>
      <Flex vertical gap={8}>
        <Typography.Text strong>
          {name} {number ? <span className="figures">{number}</span> : null}
        </Typography.Text>
        {mayConduct ? (
          <Flex gap={6} wrap>
            {DONE.filter((one) => (one === 'transferred' ? can_transfer : one !== 'number_told' || number)).map((one) => (
              <Button
                key={one}
                size="small"
                type={one === 'transferred' ? 'primary' : 'default'}
                loading={conduct.pending === `quality ${one}`}
                disabled={conduct.pending !== undefined}
                onClick={() => void offer(one)}
              >
                {t(`offer.${one}`)}
              </Button>
            ))}
          </Flex>
        ) : null}
      </Flex>
    </Card>
  );
}
