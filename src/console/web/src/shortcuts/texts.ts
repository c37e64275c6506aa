import { texts } from '../i18n/texts';

export const useTexts = texts('shortcuts', {
  title: ['键盘快捷键', 'Keyboard shortcuts'],
  sheet: ['显示或关闭此表', 'Show or close this sheet'],
  everywhere: ['所有页面', 'Everywhere'],
  note: [
    '输入法组字时快捷键不起作用；在文本框中输入时，只有带 Ctrl 的快捷键有效。',
    'No shortcut works while an input method composes; in a text field only those with Ctrl do.',
  ],
});
