import { Alert } from 'antd';

import { TakeMessage } from '../passing/TakeMessage';
import { useMay } from '../session/context';
import { useTexts } from './texts';

const KNOWN = ['no_answer', 'refused', 'unreachable', 'forbidden', 'caller_left'] as const;

/** Whom the caller was passed to could not be had: the caller is back, and a message can be taken (R035). */
export function Back({ call, result }: { call: string; result: string }) {
  const t = useTexts();
  const mayWrite = useMay('write_up_call');
  const known = KNOWN.find((one) => one === result);
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      title={t('back')}
      description={known ? t(`failed.${known}`) : result}
      action={mayWrite && result !== 'caller_left' ? <TakeMessage call={call} /> : null}
    />
  );
}
