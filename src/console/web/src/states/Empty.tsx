import { Empty as Picture, Flex, Typography } from 'antd';
import type { ReactNode } from 'react';

import { useTexts } from './texts';

/** There is nothing; what it would be, and what one can do about it, the screen says. */
export function Empty({ title, advice, action }: { title?: string; advice?: string; action?: ReactNode }) {
  const t = useTexts();
  return (
    <Picture
      image={Picture.PRESENTED_IMAGE_SIMPLE}
      description={
        <Flex vertical gap={4}>
          <Typography.Text>{title ?? t('empty')}</Typography.Text>
          {advice ? <Typography.Text type="secondary">{advice}</Typography.Text> : null}
        </Flex>
      }
    >
      {action}
    </Picture>
  );
}
