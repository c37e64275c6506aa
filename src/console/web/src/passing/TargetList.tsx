import { Button, Flex, List, Typography } from 'antd';

import { AgentState } from '../agents/AgentState';
import type { Conduct } from '../owncall/useConduct';
import type { OwnCall } from '../owncall/useOwnCall';
import { Empty } from '../states/Empty';
import { useTargets } from './useTargets';
import { useTexts } from './texts';

/** Whoever is further down is found by typing. */
const MOST_SHOWN = 12;

interface Props {
  own: OwnCall;
  text: string;
  conduct: Conduct;
}

/** Colleagues, departments and the number that was typed, with how they can be had. */
export function TargetList({ own, text, conduct }: Props) {
  const t = useTexts();
  const targets = useTargets(own, text);
  const isSettled = !own.standing.noticePlays && conduct.pending === undefined;
  const shown = targets.slice(0, MOST_SHOWN);
  if (targets.length === 0) return <Empty title={t('nobody')} advice={t('nobodyAdvice')} />;
  return (
    <List
      size="small"
      dataSource={shown}
      rowKey="key"
      renderItem={({ name, detail, state, whom, mayAsk, isThere }) => (
        <List.Item style={{ paddingInline: 4 }}>
          <Flex gap={4} align="center" justify="space-between" style={{ width: '100%' }}>
            <Flex gap="0 6px" align="center" wrap style={{ minWidth: 0 }}>
              <Typography.Text strong>{name}</Typography.Text>
              {detail === undefined ? null : <Typography.Text type="secondary">{detail}</Typography.Text>}
              {state === undefined ? null : <AgentState state={state} />}
            </Flex>
            <Flex gap={4} flex="none">
              {mayAsk ? (
                <Button
                  size="small"
                  disabled={!isThere || !isSettled}
                  aria-label={t('askWhom', { name })}
                  onClick={() => void conduct.consult(whom)}
                >
                  {t('ask')}
                </Button>
              ) : null}
              <Button
                size="small"
                disabled={!isThere || !isSettled}
                aria-label={t('passTo', { name })}
                onClick={() => void conduct.transfer(whom)}
              >
                {t('pass')}
              </Button>
            </Flex>
          </Flex>
        </List.Item>
      )}
    />
  );
}
