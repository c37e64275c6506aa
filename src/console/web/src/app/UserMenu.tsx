import { LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { App, Button, Dropdown } from 'antd';
import { useNavigate } from 'react-router';

import { useProblemText } from '../api/useProblemText';
import { useAccount } from '../session/context';
import { useLogOut } from '../session/useLogOut';
import { useTexts } from './texts';

/** Whose session it is, and the way out of it. */
export function UserMenu() {
  const t = useTexts();
  const account = useAccount();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const logOut = useLogOut();
  const act = async (key: string) => {
    if (key === 'account') return navigate('/account');
    try {
      return await logOut();
    } catch (error) {
      return message.error(problemText(error).title);
    }
  };
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'account', icon: <UserOutlined />, label: t('account') },
          { type: 'divider' },
          { key: 'logOut', icon: <LogoutOutlined />, label: t('logOut') },
        ],
        onClick: ({ key }) => void act(key),
      }}
    >
      <Button type="text" icon={<UserOutlined aria-hidden />}>
        {account.name}
      </Button>
    </Dropdown>
  );
}
