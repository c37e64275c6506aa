import { Typography } from 'antd';

import { useNow } from '../time/now';
import { useTexts } from './texts';
import { isShort, leftOf } from './left';

/** How much time is left for the work after the call. */
export function Countdown({ until }: { until: string }) {
  const t = useTexts();
  const left = Date.parse(until) - useNow();
  return (
    <Typography.Text strong className="figures" type={isShort(left) ? 'danger' : 'secondary'} role="timer">
      {t('left', { time: leftOf(left) })}
    </Typography.Text>
  );
}
