import { call, expect, logIn, test } from './desk';
import { looksRight } from './screens';

test('an administrator adds a line with a number, and a call to it rings without a restart', async ({
  page,
  desk,
  agentPhone,
}) => {
  const number = `4009${desk.number.slice(-6)}`;
  const name = `new-${desk.line}`;
  await logIn(page, desk, 'admin');
  await page.goto('/admin/lines');
  await page.getByRole('button', { name: '新增线路' }).click();
  const drawer = page.getByRole('dialog', { name: '新增线路' });
  await drawer.getByLabel('名称').fill(name);
  await drawer.getByLabel('来电号码').fill(`${number} `);
  await drawer.getByText('新增线路').click();
  await drawer.getByLabel('录音告知').click();
  await page.getByTitle('recording-notice.wav').click();
  // Nobody would answer it: the service says what is missing, and nothing is taken.
  await drawer.getByRole('button', { name: '保存并立即生效' }).click();
  await expect(drawer.getByRole('alert')).toContainText('agents');
  await drawer.getByLabel('坐席（按顺序）').fill(desk.extension);
  await page.getByTitle(`${desk.extension} ${desk.name}`).click();
  await drawer.getByText('新增线路').click();
  await drawer.getByRole('button', { name: '保存并立即生效' }).click();
  await expect(drawer).toBeHidden();
  await page.getByRole('searchbox').fill(name);
  await expect(page.getByRole('row', { name })).toContainText('第 1 版');

  const caller = await call(number);
  await agentPhone.sees('incoming');
  await agentPhone.press('answer');
  await caller.sees('answered');
  await caller.press('hang_up');
  await agentPhone.sees('ended');

  await page.getByRole('button', { name: `修改 ${name}` }).click();
  const change = page.getByRole('dialog', { name: `修改 ${name}` });
  await change.getByRole('button', { name: '历史版本' }).click();
  await expect(change.getByRole('cell', { name: desk.users.admin })).toBeVisible();
  await looksRight(page, 'line');
  await page.keyboard.press('Escape');
  await expect(change).toBeHidden();
});

for (const [path, screen] of [
  ['lines', 'lines'],
  ['queues', 'queues'],
  ['agents', 'agents'],
  ['calendars', 'calendars'],
  ['outbound', 'outbound'],
  ['prompts', 'prompts'],
] as const) {
  test(`${screen} are listed for whoever may set up`, async ({ page, house }) => {
    await logIn(page, house, 'admin');
    await page.goto(`/admin/${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status').filter({ hasText: '正在加载' })).toHaveCount(0);
    await looksRight(page, screen);
  });
}
