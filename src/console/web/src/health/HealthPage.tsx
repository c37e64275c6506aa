import { Alert, Card, Col, Flex, Row, Typography } from 'antd';

import { api } from '../api/client';
import type { Schema } from '../api/types';
import { Loaded } from '../states/Loaded';
import { PageTitle } from '../states/PageTitle';
import { Time } from '../time/Time';
import { ConditionTag } from './ConditionTag';
import { Figures } from './Figures';
import { useSignText } from './useSignText';
import { useTexts } from './texts';

type Sign = Schema<'Sign'>;

/** The parts' state comes without an event of its own. */
const LOOK_EVERY_MS = 5_000;
/** The worst stands first. */
const WORST_FIRST = ['failed', 'degraded', 'unknown', 'well'];

/** How the parts of the service are, and what to do about those that are not well. */
export default function HealthPage() {
  const t = useTexts();
  const health = api.useQuery('get', '/api/v1/health', {}, { refetchInterval: LOOK_EVERY_MS });
  return (
    <Flex vertical gap={16}>
      <PageTitle>{t('title')}</PageTitle>
      <Loaded query={health}>
        {({ at, condition, signs }) => (
          <>
            <Flex align="center" gap={12}>
              <ConditionTag condition={condition} />
              <Typography.Text type="secondary">
                {t('lookedAt')} <Time at={at} />
              </Typography.Text>
            </Flex>
            <Row gutter={[16, 16]}>
              {signs
                .toSorted((one, other) => WORST_FIRST.indexOf(one.condition) - WORST_FIRST.indexOf(other.condition))
                .map((sign) => (
                  <Col key={`${sign.part} ${sign.name ?? ''}`} xs={24} md={12} xxl={8}>
                    <Part sign={sign} />
                  </Col>
                ))}
            </Row>
          </>
        )}
      </Loaded>
    </Flex>
  );
}

function Part({ sign }: { sign: Sign }) {
  const { title, advice } = useSignText()(sign);
  const isEmpty = !advice && Object.keys(sign.figures).length === 0;
  return (
    <Card
      title={title}
      size="small"
      extra={<ConditionTag condition={sign.condition} />}
      style={{ height: '100%' }}
      styles={isEmpty ? { header: { borderBottom: 'none' }, body: { display: 'none' } } : {}}
    >
      <Flex vertical gap={12}>
        {advice ? (
          <Alert showIcon type={sign.condition === 'failed' ? 'error' : 'warning'} title={advice} />
        ) : null}
        <Figures figures={sign.figures} />
      </Flex>
    </Card>
  );
}
