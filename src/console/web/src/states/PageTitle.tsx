import { Flex, Typography } from 'antd';
import type { ReactNode } from 'react';

/** The one heading of a screen, with what can be done there at its end. */
export function PageTitle({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  return (
    <Flex align="center" justify="space-between" gap={12} wrap>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {children}
      </Typography.Title>
      {actions ? <Flex gap={8}>{actions}</Flex> : null}
    </Flex>
  );
}
