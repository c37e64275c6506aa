import { Typography } from 'antd';

import type { Schema } from '../api/types';
import { Panel } from './Panel';
import { percentOf } from './figures';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

/** A rate, with both its numbers. */
export function Rate({ title, share }: { title: string; share: Schema<'Share'> }) {
  const t = useTexts();
  const percent = percentOf(share);
  const { numerator, denominator } = share;
  return (
    <Panel title={title} size="quarter">
      <div className={`${styles.figure ?? ''} figures`}>{percent ?? '–'}</div>
      <Typography.Text type="secondary" className="figures" style={{ fontSize: 'inherit' }}>
        {percent === undefined ? t('noCalls') : t('ofCalls', { numerator, denominator })}
      </Typography.Text>
    </Panel>
  );
}
