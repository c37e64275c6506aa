import { texts } from '../i18n/texts';

export const useTexts = texts('events', {
  away: [
    '与服务器的连接已断开，正在重连；画面可能不是最新的，通话不受影响。',
    'The connection to the service is lost and is being made again. What you see may be old; calls go on.',
  ],
});
