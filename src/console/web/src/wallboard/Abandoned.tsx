import { Typography } from 'antd';

import type { Schema } from '../api/types';
import { Panel } from './Panel';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

const STAGES = ['first_ring', 'ringing', 'queue', 'dialogue'] as const;

/** Where callers gave up. */
export function Abandoned({ abandoned }: { abandoned: Schema<'Abandoned'> }) {
  const t = useTexts();
  return (
    <Panel title={t('abandoned')}>
      <dl className={styles.states}>
        {STAGES.map((stage) => (
          <div key={stage} style={{ display: 'contents' }}>
            <dt>{t(`stage.${stage}`)}</dt>
            <dd className="figures">{abandoned[stage]}</dd>
          </div>
        ))}
      </dl>
      <Typography.Paragraph className={`${styles.note ?? ''} figures`} type="secondary" style={{ fontSize: 'inherit' }}>
        {t('abandonedTotal', { count: abandoned.total })} · {t('firstRingAdvice')}
      </Typography.Paragraph>
    </Panel>
  );
}
