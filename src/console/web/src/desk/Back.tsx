import { Alert } from 'antd';

import { useTexts } from './texts';

const KNOWN = ['no_answer', 'refused', 'unreachable', 'forbidden', 'caller_left'] as const;

/** Whom the caller was passed to could not be had: the caller is back. */
export function Back({ result }: { result: string }) {
  const t = useTexts();
  const known = KNOWN.find((one) => one === result);
  return <Alert type="warning" showIcon role="status" title={t('back')} description={known ? t(`failed.${known}`) : result} />;
}
