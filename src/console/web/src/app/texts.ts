import { texts } from '../i18n/texts';

export const useTexts = texts('app', {
  skip: ['跳到内容', 'Skip to the content'],
  navigation: ['主导航', 'Navigation'],
  'group.quality': ['质检与报表', 'Quality and reports'],
  'group.admin': ['系统管理', 'Administration'],
  account: ['我的账号', 'My account'],
  logOut: ['退出登录', 'Log out'],
});
