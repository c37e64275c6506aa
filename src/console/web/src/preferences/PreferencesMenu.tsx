import { BgColorsOutlined, TranslationOutlined } from '@ant-design/icons';
import { Button, Dropdown, Space } from 'antd';

import { LANGUAGES } from '../i18n/languages';
import { usePreferences } from './context';
import { THEMES } from './store';
import { useTexts } from './texts';

/** The switches for language and colours. */
export function PreferencesMenu() {
  const t = useTexts();
  const { language, theme, change } = usePreferences();
  const other = language === 'zh-CN' ? LANGUAGES[1] : LANGUAGES[0];
  return (
    <Space size={4}>
      <Button
        type="text"
        icon={<TranslationOutlined aria-hidden />}
        lang={other}
        onClick={() => change({ language: other })}
      >
        {t('otherLanguage')}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{
          selectable: true,
          selectedKeys: [theme],
          items: THEMES.map((key) => ({ key, label: t(`theme.${key}`) })),
          onClick: ({ key }) => {
            const wanted = THEMES.find((known) => known === key);
            if (wanted) change({ theme: wanted });
          },
        }}
      >
        <Button type="text" icon={<BgColorsOutlined aria-hidden />} aria-label={t('theme')} />
      </Dropdown>
    </Space>
  );
}
