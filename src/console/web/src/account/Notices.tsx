import { Button } from 'antd';
import { useState } from 'react';

import { askForNotices, mayNotify } from '../attention/useNotice';
import { useTexts } from './texts';

/** Whether the browser may show notifications of calls; the user is asked once he wants them. */
export function Notices() {
  const t = useTexts();
  const [may, setMay] = useState(mayNotify);
  if (may === 'default') {
    return (
      <Button size="small" onClick={() => void askForNotices().then(setMay)}>
        {t('allowNotices')}
      </Button>
    );
  }
  return t(`notices.${may}`);
}
