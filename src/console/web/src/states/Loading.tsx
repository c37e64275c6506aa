import { Flex, Spin } from 'antd';

import { useTexts } from './texts';

/** Something is on its way. */
export function Loading() {
  const t = useTexts();
  return (
    <Flex align="center" justify="center" style={{ minHeight: 200, height: '100%' }} role="status">
      <Spin delay={150} />
      <span className="unseen">{t('loading')}</span>
    </Flex>
  );
}
