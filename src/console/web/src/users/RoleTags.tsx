import { Flex, Tag } from 'antd';

import { ROLES } from './roles';
import { useTexts } from './texts';

/** What a user is. */
export function RoleTags({ roles }: { roles: readonly string[] }) {
  const t = useTexts();
  return (
    <Flex gap={4} wrap>
      {roles.map((role) => {
        const known = ROLES.find((name) => name === role);
        return <Tag key={role}>{known ? t(`role.${known}`) : role}</Tag>;
      })}
    </Flex>
  );
}
