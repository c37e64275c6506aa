import { texts } from '../i18n/texts';

export const useTexts = texts('login', {
  title: ['登录', 'Log in'],
  name: ['用户名', 'User name'],
  nameNeeded: ['请输入用户名', 'Enter your user name'],
  password: ['密码', 'Password'],
  passwordNeeded: ['请输入密码', 'Enter your password'],
  logIn: ['登 录', 'Log in'],
});
