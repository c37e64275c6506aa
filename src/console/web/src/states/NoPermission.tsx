import { LockOutlined } from '@ant-design/icons';

import { Message } from './Message';
import { useTexts } from './texts';

/** The page is not for this role. */
export function NoPermission() {
  const t = useTexts();
  return <Message icon={<LockOutlined />} title={t('noPermission')} subTitle={t('noPermissionAdvice')} />;
}
