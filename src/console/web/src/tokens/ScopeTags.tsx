import { Flex, Tag } from 'antd';

import { SCOPES } from './scopes';
import { useTexts } from './texts';

/** What a token may do. */
export function ScopeTags({ scopes }: { scopes: readonly string[] }) {
  const t = useTexts();
  return (
    <Flex gap={4} wrap>
      {scopes.map((scope) => {
        const known = SCOPES.find((name) => name === scope);
        return (
          <Tag key={scope} title={scope}>
            {known ? t(`scope.${known}`) : scope}
          </Tag>
        );
      })}
    </Flex>
  );
}
