import { expect, logIn, test } from './desk';
import { looksRight } from './screens';

test('an administrator adds a user, who can log in, and shuts him out again', async ({ page, desk, browser }) => {
  await logIn(page, desk, 'admin');
  await page.goto('/admin/users');
  await page.getByRole('button', { name: '新增用户' }).click();
  const dialog = page.getByRole('dialog', { name: '新增用户' });
  const name = `new.${desk.users.admin}`;
  await dialog.getByLabel('用户名').fill('not a name');
  await dialog.getByLabel('初始密码').fill('short');
  await dialog.getByRole('button', { name: '新增用户' }).click();
  await expect(dialog.getByText('1–64 个字母、数字或 . - _ @')).toBeVisible();
  await expect(dialog.getByText('至少 10 个字符')).toBeVisible();
  await dialog.getByLabel('用户名').fill(name);
  await dialog.getByLabel('初始密码').fill('ten letters and more');
  await dialog.getByLabel('角色').click();
  await page.getByTitle('质检员').click();
  // A click elsewhere closes the list of roles.
  await dialog.getByText('新增用户').first().click();
  await dialog.getByRole('button', { name: '新增用户' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('searchbox').fill(name);
  await expect(page.getByRole('row', { name })).toContainText('质检员');

  const theirs = await browser.newContext();
  const newcomer = await theirs.newPage();
  await newcomer.goto('/');
  await newcomer.getByLabel('用户名').fill(name);
  await newcomer.getByRole('textbox', { name: '密码' }).fill('ten letters and more');
  await newcomer.getByRole('button', { name: '登 录' }).click();
  await expect(newcomer.getByRole('button', { name, exact: true })).toBeVisible();

  await page.getByRole('button', { name: `修改 ${name}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: /确\s?定/ }).click();
  await expect(page.getByRole('row', { name })).toContainText('已停用');
  await expect(newcomer.getByRole('heading', { name: '登录' })).toBeVisible();
  await theirs.close();

  await looksRight(page, 'users');
});

test('what people do is in the audit log', async ({ page, house }) => {
  await logIn(page, house, 'admin');
  await page.goto('/admin/audit');
  const entry = page.getByRole('row').filter({ hasText: house.users.admin }).first();
  await expect(entry).toContainText('登录');
  await looksRight(page, 'audit');
});

test('who may see users and not keep them changes none', async ({ page, house }) => {
  await logIn(page, house, 'auditor');
  await page.goto('/admin/users');
  await expect(page.getByRole('row', { name: house.users.auditor })).toBeVisible();
  await expect(page.getByRole('button', { name: '新增用户' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^修改/ })).toHaveCount(0);
});

test('a token is shown once, counts, and is taken back', async ({ page, desk, playwright, baseURL }) => {
  await logIn(page, desk, 'supervisor');
  await page.goto('/tokens');
  await expect(page.getByText('还没有令牌')).toBeVisible();
  await page.getByRole('button', { name: '新建令牌' }).click();
  const dialog = page.getByRole('dialog', { name: '新建令牌' });
  await dialog.getByLabel('用途').fill('大屏 <b>1</b>');
  await dialog.getByRole('checkbox', { name: 'desk:read' }).check();
  await dialog.getByRole('button', { name: '新建令牌' }).click();
  const token = await dialog.getByTestId('token').innerText();
  await dialog.getByRole('button', { name: '我已保存' }).click();
  const program = await playwright.request.newContext({
    ...(baseURL === undefined ? {} : { baseURL }),
    extraHTTPHeaders: { authorization: `Bearer ${token.trim()}` },
  });
  expect((await program.get('/api/v1/agents')).status()).toBe(200);
  expect((await program.get('/api/v1/calls')).status()).toBe(403);
  // What somebody called it is text.
  await expect(page.getByRole('cell', { name: '大屏 <b>1</b>', exact: true })).toBeVisible();
  await looksRight(page, 'tokens');
  await page.getByRole('button', { name: /Take .* back/ }).click();
  await page.getByRole('tooltip').getByRole('button', { name: 'OK' }).click();
  await expect(page.getByRole('cell', { name: 'Taken back' })).toBeVisible();
  expect((await program.get('/api/v1/agents')).status()).toBe(401);
  await program.dispose();
});

test('messages to other programs have a page, empty as there are none', async ({ page, house }) => {
  await logIn(page, house, 'admin');
  await page.goto('/admin/webhooks');
  await expect(page.getByText('没有消息')).toBeVisible();
  await looksRight(page, 'webhooks');
});

test('phones that are registered are listed, and what to type into another one', async ({ page, desk }) => {
  await logIn(page, desk, 'admin');
  await page.goto('/admin/phones');
  await expect(page.getByRole('cell', { name: desk.extension, exact: true })).toBeVisible();
  await page.getByRole('combobox', { name: '选择坐席' }).click();
  await page.getByTitle(`${desk.extension} ${desk.name}`).click();
  await page.getByRole('combobox', { name: '话机型号' }).click();
  await page.getByTitle('Grandstream').click();
  await expect(page.getByRole('row', { name: /SIP User ID/ })).toContainText(desk.extension);
  await expect(page.getByRole('row', { name: /SIP Server/ })).toContainText(':5060');
  await looksRight(page, 'phones');
});
