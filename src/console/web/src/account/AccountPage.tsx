import { Card, Descriptions, Flex } from 'antd';

import { RoleTags } from '../users/RoleTags';
import { useAccount } from '../session/context';
import { PageTitle } from '../states/PageTitle';
import { Notices } from './Notices';
import { PasswordForm } from './PasswordForm';
import { Sessions } from './Sessions';
import { useTexts } from './texts';

/** One's own account: who one is, one's sessions, one's password. */
export default function AccountPage() {
  const t = useTexts();
  const { name, roles, extension } = useAccount();
  return (
    <Flex vertical gap={16} style={{ maxWidth: 960 }}>
      <PageTitle>{t('title')}</PageTitle>
      <Card>
        <Descriptions
          column={{ xs: 1, md: 2 }}
          items={[
            { key: 'name', label: t('name'), children: name },
            { key: 'extension', label: t('extension'), children: extension ?? t('noExtension') },
            { key: 'roles', label: t('roles'), children: <RoleTags roles={roles} /> },
            { key: 'notices', label: t('notices'), children: <Notices /> },
          ]}
        />
      </Card>
      <Sessions />
      <PasswordForm />
    </Flex>
  );
}
