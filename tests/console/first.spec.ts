import { expect, logIn, test } from './desk';
import { looksRight } from './screens';

test('somebody logs in by name and password, and is told what is wrong', async ({ page, desk }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '登录' })).toBeVisible();
  await page.getByLabel('用户名').fill(desk.users.agent);
  await page.getByLabel('密码', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: '登 录' }).click();
  await expect(page.getByRole('alert')).toContainText('用户名或密码不正确');
  await looksRight(page, 'log-in');
  await page.getByRole('textbox', { name: 'Password' }).fill(desk.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('button', { name: desk.users.agent })).toBeVisible();
  // The agent's own state stands in the call bar.
  await expect(page.getByRole('region', { name: '通话栏' })).toContainText('示闲');
});

test('language and theme are kept for each user, over a reload', async ({ page, desk }) => {
  await logIn(page, desk, 'agent');
  await page.goto('/account');
  await page.getByRole('button', { name: 'EN', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'My account' })).toBeVisible();
  await page.getByRole('button', { name: 'Colours' }).click();
  await page.getByRole('menuitem', { name: 'Dark' }).click();
  await expect(page.locator('#root > .dark')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'My account' })).toBeVisible();
  await expect(page.locator('#root > .dark')).toBeVisible();
  await logIn(page, desk, 'qa');
  await page.reload();
  await expect(page.getByRole('heading', { name: '我的账号' })).toBeVisible();
  await expect(page.locator('#root > .light')).toBeVisible();
  await logIn(page, desk, 'agent');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'My account' })).toBeVisible();
});

test('a path of nobody is told, and a screen of another role is refused', async ({ page, house }) => {
  await logIn(page, house, 'agent');
  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { name: '页面不存在' })).toBeVisible();
  await looksRight(page, 'not-found');
  await page.goto('/admin/users');
  await expect(page.getByRole('heading', { name: 'This page is not for you' })).toBeVisible();
  await looksRight(page, 'no-permission');
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  await logIn(page, house, 'admin');
  await page.goto('/');
  await page.getByRole('navigation').getByRole('link', { name: '用户与角色' }).click();
  await expect(page.getByRole('heading', { name: '用户与角色' })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: '审计日志' })).toBeVisible();
});

test('one’s sessions are listed, and another one is ended', async ({ page, desk, browser }) => {
  await logIn(page, desk, 'agent');
  // A program may call itself anything.
  const other = await browser.newContext({ userAgent: '<img src=x onerror=alert(1)> Chrome/1' });
  const elsewhere = await other.newPage();
  await logIn(elsewhere, desk, 'agent');
  await elsewhere.goto('/account');
  await expect(elsewhere.getByRole('heading', { name: '我的账号' })).toBeVisible();
  await page.goto('/account');
  await expect(page.getByRole('cell', { name: '当前' })).toBeVisible();
  await looksRight(page, 'account');
  await page.getByRole('button', { name: 'Log out', exact: true }).first().click();
  await expect(page.getByRole('button', { name: 'Log out', exact: true })).toHaveCount(0);
  // It notices by itself.
  await expect(elsewhere.getByRole('heading', { name: '登录' })).toBeVisible();
  await other.close();
});

test('the sheet tells what keys do, and no key fires in a text field', async ({ page, house }) => {
  await logIn(page, house, 'agent');
  await page.goto('/account');
  await expect(page.getByRole('heading', { name: '我的账号' })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: '键盘快捷键' })).toBeVisible();
  await looksRight(page, 'shortcuts');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('textbox').first().fill('');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a new password ends every session', async ({ page, desk }) => {
  await logIn(page, desk, 'trainee');
  await page.goto('/account');
  await page.getByLabel('当前密码').fill(desk.password);
  await page.getByLabel('新密码', { exact: true }).fill('a battery of horses');
  await page.getByLabel('再次输入新密码').fill('a battery of horses');
  await page.getByRole('button', { name: '修改密码' }).click();
  await expect(page.getByRole('heading', { name: '登录' })).toBeVisible();
});
