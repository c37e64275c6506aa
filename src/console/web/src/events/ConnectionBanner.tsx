import { Alert } from 'antd';

import { useConnection } from './context';
import { useTexts } from './texts';

/** Says that what is on screen may be old, until the connection is back. */
export function ConnectionBanner() {
  const t = useTexts();
  const isAway = useConnection() === 'away';
  return (
    <div role="status">
      {isAway ? <Alert banner type="warning" title={t('away')} /> : null}
    </div>
  );
}
