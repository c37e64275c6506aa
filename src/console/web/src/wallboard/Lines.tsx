import { AlertOutlined } from '@ant-design/icons';
import { Tag } from 'antd';

import type { Schema } from '../api/types';
import { Empty } from '../states/Empty';
import { Panel } from './Panel';
import { useTexts } from './texts';
import styles from './wallboard.module.css';

/** Each line: what is open there, and what the day has brought. */
export function Lines({ lines, figures }: { lines: readonly Schema<'Line'>[]; figures: readonly Schema<'LineFigures'>[] }) {
  const t = useTexts();
  const row = (line: Schema<'Line'>) => {
    const today = figures.find((one) => one.line === line.id);
    return (
      <tr key={line.id}>
        <th scope="row">{line.id}</th>
        <td className={styles.number}>{line.calls}</td>
        <td className={styles.number}>{today?.received ?? 0}</td>
        <td className={styles.number}>{today?.answered ?? 0}</td>
        <td className={styles.number}>{today?.abandoned.total ?? 0}</td>
        <td>
          {line.switched ? (
            <Tag color="error" icon={<AlertOutlined />}>
              {t('switched')}
            </Tag>
          ) : (
            t('normal')
          )}
        </td>
      </tr>
    );
  };
  return (
    <Panel title={t('lines')} size="whole">
      {lines.length === 0 ? (
        <Empty title={t('noLines')} />
      ) : (
        <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('lines')}>
          <table className={`${styles.table ?? ''} figures`}>
            <thead>
              <tr>
                <th scope="col">{t('line')}</th>
                <th scope="col" className={styles.number}>{t('openCalls')}</th>
                <th scope="col" className={styles.number}>{t('received')}</th>
                <th scope="col" className={styles.number}>{t('answered')}</th>
                <th scope="col" className={styles.number}>{t('gaveUp')}</th>
                <th scope="col">{t('state')}</th>
              </tr>
            </thead>
            <tbody>{lines.map(row)}</tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
