import { Alert } from 'antd';

import { api } from '../api/client';
import { Loaded } from '../states/Loaded';
import { Abandoned } from './Abandoned';
import { AgentCounts } from './AgentCounts';
import { Freshness } from './Freshness';
import { Lines } from './Lines';
import { Queues } from './Queues';
import { Rate } from './Rate';
import { Rings } from './Rings';
import { WaitingNow } from './WaitingNow';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

/** How many calls of a line are open, nobody tells who may not see calls: it is asked for so often. */
const LOOK_EVERY_MS = 2_000;

/** Lines and queues as they are now, and the day's figures. */
export function Board({ isBig }: { isBig?: boolean }) {
  const t = useTexts();
  const statistics = api.useQuery('get', '/api/v1/statistics/today');
  const queues = api.useQuery('get', '/api/v1/queues');
  const lines = api.useQuery('get', '/api/v1/lines', {}, { refetchInterval: LOOK_EVERY_MS });
  const agents = api.useQuery('get', '/api/v1/agents');
  const all = [statistics, queues, lines, agents];
  const readAt = Math.min(...all.map(({ dataUpdatedAt }) => dataUpdatedAt));
  return (
    <>
      <Freshness readAt={readAt} isFailing={all.some(({ isError, failureCount }) => isError || failureCount > 0)} />
      <Loaded query={statistics}>
        {(day) => (
          <Loaded query={queues}>
            {({ items: now }) => (
              <Loaded query={lines}>
                {({ items: served }) => (
                  <Loaded query={agents}>
                    {({ items: people }) => (
                      <div className={`${styles.board ?? ''} ${isBig ? (styles.big ?? '') : ''}`}>
                        {day.whole ? null : <Alert className={styles.whole ?? ''} type="info" showIcon title={t('partial')} />}
                        <WaitingNow queues={now} />
                        <Rate title={t('threeRings')} share={day.total.within_three_rings} />
                        <Rate title={t('fifteenSeconds')} share={day.total.within_fifteen_seconds} />
                        <Rate title={t('answerRate')} share={day.total.answer_rate} />
                        <AgentCounts agents={people} />
                        <Abandoned abandoned={day.total.abandoned} />
                        <Rings rows={day.total.rings} />
                        <Queues queues={now} figures={day.queues} />
                        <Lines lines={served} figures={day.lines} />
                      </div>
                    )}
                  </Loaded>
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}
