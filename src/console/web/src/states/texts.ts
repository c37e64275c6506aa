import { texts } from '../i18n/texts';

export const useTexts = texts('states', {
  loading: ['正在加载…', 'Loading…'],
  empty: ['暂无内容', 'Nothing here yet'],
  retry: ['重试', 'Try again'],
  said: ['服务器说明：{{detail}}', 'The service says: {{detail}}'],
  noPermission: ['没有权限查看此页面', 'This page is not for you'],
  noPermissionAdvice: [
    '您的角色不包含此功能。如需使用，请联系管理员。',
    'Your roles do not include it. If you need it, ask an administrator.',
  ],
  notFound: ['页面不存在', 'There is no such page'],
  notFoundAdvice: ['请从左侧导航选择页面。', 'Choose a page from the navigation.'],
  home: ['返回首页', 'To the first page'],
  broken: ['页面出错了', 'This page broke'],
  brokenAdvice: [
    '通话不受影响。请重新加载页面；若仍出错，请告知管理员。',
    'Calls are not affected. Reload the page; if it stays so, tell an administrator.',
  ],
  reload: ['重新加载', 'Reload'],
  more: ['更早的记录', 'Older entries'],
});
