import { texts } from '../i18n/texts';

export const useTexts = texts('kiosk', {
  title: ['大屏', 'Wallboard'],
  noToken: ['此大屏需要令牌', 'This wallboard needs a token'],
  refused: ['令牌无效或已被吊销', 'The token does not count, or not any more'],
  advice: [
    '请管理员在「API 令牌」中新建只含「大屏」权限的令牌，粘贴到这里。',
    'Have an administrator make an API token with the scope “Wallboard” alone, and paste it here.',
  ],
  token: ['令牌', 'Token'],
  open: ['打开大屏', 'Open the wallboard'],
  fullScreen: ['全屏', 'Full screen'],
});
