import { Typography } from 'antd';

import type { Schema } from '../api/types';
import { Since } from '../time/Since';
import { Panel } from './Panel';
import { waitingIn } from './figures';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

/** How many wait now, and for how long the first of them has. */
export function WaitingNow({ queues }: { queues: readonly Schema<'Queue'>[] }) {
  const t = useTexts();
  const { count, longest } = waitingIn(queues);
  return (
    <Panel title={t('waiting')} size="quarter">
      <div className={`${styles.figure ?? ''} figures`}>{count}</div>
      <Typography.Text type="secondary" style={{ fontSize: 'inherit' }}>
        {longest === undefined ? (
          t('nobodyWaits')
        ) : (
          <>
            {t('longest')} <Since from={longest} />
          </>
        )}
      </Typography.Text>
    </Panel>
  );
}
