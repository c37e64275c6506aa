import { Alert } from 'antd';

import { useConnection } from '../events/context';
import { usePreferences } from '../preferences/context';
import { timeOfDay } from '../time/format';
import { useTexts } from './texts';

/** Says of which moment the figures are, as soon as they are not of now. */
export function Freshness({ readAt, isFailing }: { readAt: number; isFailing: boolean }) {
  const t = useTexts();
  const { language } = usePreferences();
  const isAway = useConnection() === 'away';
  const isStale = readAt > 0 && (isFailing || isAway);
  return (
    <div role="status">
      {isStale ? (
        <Alert type="warning" showIcon banner title={t('stale', { time: timeOfDay(readAt, language) })} />
      ) : null}
    </div>
  );
}
