import { WarningOutlined } from '@ant-design/icons';
import { Tag } from 'antd';

import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Since } from '../time/Since';
import { Panel } from './Panel';
import { percentOf } from './figures';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

/** Each queue now, with its rates of the day. */
export function Queues({ queues, figures }: { queues: readonly Schema<'Queue'>[]; figures: readonly Schema<'QueueFigures'>[] }) {
  const t = useTexts();
  const row = (queue: Schema<'Queue'>) => {
    const today = figures.find((one) => one.queue === queue.id);
    return (
      <tr key={queue.id}>
        <th scope="row">{queue.id}</th>
        <td className={styles.number}>{queue.waiting}</td>
        <td className={styles.number}>{queue.longest == null ? '–' : <Since from={queue.longest} />}</td>
        <td className={styles.number}>{queue.ready}</td>
        <td className={styles.number}>{queue.staffed}</td>
        <td className={styles.number}>{(today && percentOf(today.within_three_rings)) ?? '–'}</td>
        <td className={styles.number}>{(today && percentOf(today.within_fifteen_seconds)) ?? '–'}</td>
        <td>
          {queue.missing > 0 ? (
            <Tag color="error" icon={<WarningOutlined />}>
              {t('missing', { count: queue.missing })}
            </Tag>
          ) : (
            t('normal')
          )}
        </td>
      </tr>
    );
  };
  return (
    <Panel title={t('queues')} size="whole">
      {queues.length === 0 ? (
        <Empty title={t('noQueues')} />
      ) : (
        <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('queues')}>
          <table className={`${styles.table ?? ''} figures`}>
            <thead>
              <tr>
                <th scope="col">{t('queue')}</th>
                <th scope="col" className={styles.number}>{t('waiting')}</th>
                <th scope="col" className={styles.number}>{t('longest')}</th>
                <th scope="col" className={styles.number}>{t('ready')}</th>
                <th scope="col" className={styles.number}>{t('staffed')}</th>
                <th scope="col" className={styles.number}>{t('threeRings')}</th>
                <th scope="col" className={styles.number}>{t('fifteenSeconds')}</th>
                <th scope="col">{t('state')}</th>
              </tr>
            </thead>
            <tbody>{queues.map(row)}</tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
