import { CompassOutlined } from '@ant-design/icons';
import { Link } from 'react-router';

import { Message } from './Message';
import { useTexts } from './texts';

/** There is no such page. */
export function NotFound() {
  const t = useTexts();
  return (
    <Message
      icon={<CompassOutlined />}
      title={t('notFound')}
      subTitle={t('notFoundAdvice')}
      extra={<Link to="/">{t('home')}</Link>}
    />
  );
}
