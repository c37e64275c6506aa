import { texts } from '../i18n/texts';

export const useTexts = texts('caller', {
  caller: ['来电人', 'Caller'],
  loading: ['…', '…'],
  formed: ['{{name}}{{form}}', '{{name}} {{form}}'],
  withheld: ['号码保密', 'Number withheld'],
  anonymous: ['匿名来电', 'Anonymous'],
  outbound: ['外呼', 'Outbound'],
  internal: ['内线', 'Internal'],
});
