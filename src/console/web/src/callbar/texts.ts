import { texts } from '../i18n/texts';

export const useTexts = texts('callbar', {
  callBar: ['通话栏', 'Call bar'],
});
