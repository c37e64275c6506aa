import { Alert, Button, Typography } from 'antd';
import { useState } from 'react';

import { useAccount, useMay } from '../session/context';
import { CallRow } from './CallRow';
import { Panel } from './Panel';
import styles from './floor.module.css';
import type { NameOf } from '../agents/names';
import { useTexts } from './texts';
import { type Running, callsByUrgency } from './urgency';

/** Calls that are shown before somebody wants to see the rest. */
const SHOWN = 50;

/** The calls that go on, and what a supervisor can do with each. */
export function Calls({ calls, nameOf }: { calls: readonly Running[]; nameOf: NameOf }) {
  const t = useTexts();
  const { extension } = useAccount();
  const mayListen = useMay('listen_in');
  const [isWhole, setWhole] = useState(false);
  const sorted = callsByUrgency(calls, extension);
  const shown = isWhole ? sorted : sorted.slice(0, SHOWN);
  const isBeside = calls.some(({ now }) => extension != null && now.beside?.agent === extension);
  const hidden = sorted.length - shown.length;
  return (
    <Panel title={t('calls')} isWide>
      {mayListen && extension == null ? (
        <Alert type="info" showIcon title={t('noPhone')} style={{ marginBottom: 8 }} />
      ) : null}
      {calls.length === 0 ? (
        <Typography.Text type="secondary">{t('noCalls')}</Typography.Text>
      ) : (
        <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('calls')}>
          <table className={`${styles.table ?? ''} figures`}>
            <thead>
              <tr>
                <th scope="col">{t('caller')}</th>
                <th scope="col">{t('line')}</th>
                <th scope="col">{t('state')}</th>
                <th scope="col">{t('agent')}</th>
                <th scope="col">{t('circumstances')}</th>
                {mayListen ? <th scope="col">{t('supervise')}</th> : null}
              </tr>
            </thead>
            <tbody>
              {shown.map((call) => (
                <CallRow key={call.id} call={call} nameOf={nameOf} isBeside={isBeside} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hidden > 0 ? <Button onClick={() => setWhole(true)}>{t('moreCalls', { count: hidden })}</Button> : null}
    </Panel>
  );
}
