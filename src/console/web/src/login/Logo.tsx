import { Flex, Typography } from 'antd';

/** The product's mark and name. */
export function Logo({ isBare = false }: { isBare?: boolean }) {
  return (
    <Flex align="center" gap={8}>
      <img src="/icon.svg" alt="" width={26} height={26} />
      {isBare ? null : (
        <Typography.Text strong style={{ fontSize: 17 }} translate="no">
          {PRODUCT}
        </Typography.Text>
      )}
    </Flex>
  );
}

const PRODUCT = 'thirdring';
