import { Button, Result, Typography } from 'antd';

import { useProblemText } from '../api/useProblemText';
import { useTexts } from './texts';

/** Something could not be read: why, and what to do. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTexts();
  const { title, advice, detail } = useProblemText()(error);
  return (
    <Result
      status="warning"
      title={title}
      subTitle={advice}
      extra={onRetry ? <Button onClick={onRetry}>{t('retry')}</Button> : undefined}
    >
      {detail ? <Typography.Text type="secondary">{t('said', { detail })}</Typography.Text> : null}
    </Result>
  );
}
