import { texts } from '../i18n/texts';

export const useTexts = texts('preferences', {
  otherLanguage: ['EN', '中文'],
  theme: ['外观', 'Colours'],
  'theme.light': ['浅色', 'Light'],
  'theme.dark': ['深色', 'Dark'],
  'theme.system': ['跟随系统', 'As the system'],
});
