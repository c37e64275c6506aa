import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import { LANGUAGES } from './languages';

// React escapes what it shows; escaping twice would show the escapes.
void i18next.use(initReactI18next).init({
  lng: LANGUAGES[0],
  fallbackLng: false,
  supportedLngs: [...LANGUAGES],
  resources: {},
  interpolation: { escapeValue: false },
  keySeparator: false,
  nsSeparator: false,
  initAsync: false,
});
