import { Button, Flex, Popover, Typography } from 'antd';

import { PageTitle } from '../states/PageTitle';
import { Board } from './Board';
import { useTexts } from './texts';

/** The wallboard, within the console. */
export default function WallboardPage() {
  const t = useTexts();
  const advice = (
    <Flex vertical gap={8} style={{ maxWidth: 360 }}>
      <span>{t('kioskAdvice')}</span>
      <Typography.Text code copyable>{`${window.location.origin}/kiosk#thirdring_…`}</Typography.Text>
    </Flex>
  );
  return (
    <Flex vertical gap={16}>
      <PageTitle
        actions={
          <Popover content={advice} trigger="click" placement="bottomRight">
            <Button>{t('kiosk')}</Button>
          </Popover>
        }
      >
        {t('title')}
      </PageTitle>
      <Board />
    </Flex>
  );
}
