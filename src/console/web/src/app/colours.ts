import { type ThemeConfig, theme } from 'antd';

/*
 * Colours whose contrast with their ground is at least 4.5 to 1 (WCAG 2.1, 1.4.3). Where a seed is
 * darker than Ant Design's, the ground that would be derived from it is given as well.
 */

/** Every screen of an administrator's has its place in a window of 800 pixels. */
const MENU = { itemHeight: 33, itemMarginBlock: 2, groupTitleLineHeight: 1.2 };

const LIGHT: ThemeConfig = {
  token: {
    colorPrimary: '#1554ad',
    colorPrimaryBg: '#e8f1fc',
    colorInfo: '#1554ad',
    colorInfoBg: '#e8f1fc',
    colorInfoBorder: '#a3c8f5',
    colorLink: '#1554ad',
    colorSuccess: '#237a0b',
    colorSuccessBg: '#f1fbe9',
    colorSuccessBorder: '#b7e39a',
    colorWarning: '#8a5300',
    colorWarningBg: '#fff8e6',
    colorWarningBorder: '#f2d28c',
    colorError: '#c41220',
    colorErrorBg: '#fff1f0',
    colorErrorBorder: '#f5b5b0',
    colorTextSecondary: 'rgba(0,0,0,0.66)',
    colorTextTertiary: 'rgba(0,0,0,0.62)',
    colorTextDescription: 'rgba(0,0,0,0.64)',
    colorTextPlaceholder: 'rgba(0,0,0,0.58)',
  },
  // A tag is seen on the page's ground as well.
  components: { Menu: MENU, Tag: { defaultBg: '#e8eaed' } },
};

const DARK: ThemeConfig = {
  token: {
    colorPrimary: '#3f7ccb',
    colorInfo: '#5b9bea',
    colorLink: '#7fb3f5',
    colorSuccess: '#5fc22c',
    colorWarning: '#e0a526',
    colorError: '#ff7375',
    colorTextSecondary: 'rgba(255,255,255,0.72)',
    colorTextTertiary: 'rgba(255,255,255,0.66)',
    colorTextDescription: 'rgba(255,255,255,0.70)',
    colorTextPlaceholder: 'rgba(255,255,255,0.62)',
  },
  components: {
    Menu: { ...MENU, itemSelectedColor: '#a9ccf8' },
    Tag: { defaultBg: '#2b2b2b' },
    Tabs: { itemSelectedColor: '#7fb3f5', itemHoverColor: '#a9ccf8', itemActiveColor: '#a9ccf8' },
  },
};

/** The colours of everything. */
export function themeOf(isDark: boolean): ThemeConfig {
  const { token, ...colours } = isDark ? DARK : LIGHT;
  return {
    ...colours,
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: { ...token, fontFamily: 'inherit', borderRadius: 6 },
  };
}
