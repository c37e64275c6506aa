import type { Browser, Page } from '@playwright/test';

import { expect, openDemo, test, watch } from './desk';

const bar = (page: Page) => page.getByRole('region', { name: '通话栏' });

/** Somebody of the demo's, in a browser of their own, who has logged in with what the demo prints. */
async function comes(browser: Browser, demo: { url: string; password: string }, name: string, faults: string[]): Promise<Page> {
  const context = await browser.newContext({ baseURL: demo.url, locale: 'zh-CN', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await watch(page, faults);
  await page.goto('/');
  await page.getByLabel('用户名').fill(name);
  await page.getByLabel('密码', { exact: true }).fill(demo.password);
  await page.getByRole('button', { name: '登 录' }).click();
  await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
  return page;
}

/** Has the caller who rings answered. */
async function answers(page: Page): Promise<void> {
  await bar(page).getByRole('button', { name: '接听' }).click();
  await expect(bar(page).getByRole('button', { name: '转接' })).toBeVisible();
}

test('a newcomer takes a call of the demo and passes it on; the lead follows it, and QA hears it', async ({ browser, faults }) => {
  const demo = await openDemo();
  const agent = await comes(browser, demo, 'agent', faults);
  await agent.getByRole('link', { name: '工作台' }).click();
  // Nobody calls before the agent says so.
  await expect(bar(agent)).toContainText('示闲即有来电');
  await agent.getByRole('heading', { name: '工作台' }).click();
  await agent.keyboard.press('r');
  await answers(agent);
  await expect(bar(agent)).toContainText('138****2001');
  await agent.getByLabel('姓名、分机、部门或号码').fill('1010');
  // Nobody is passed on before the recording notice has ended.
  await agent.getByRole('button', { name: '直接转给 Wu Jing' }).click();
  await expect(bar(agent)).toContainText('话后整理');

  const lead = await comes(browser, demo, 'lead', faults);
  await lead.getByRole('link', { name: '大屏' }).click();
  const line = lead.getByRole('region', { name: '线路' }).getByRole('row').filter({ hasText: 'reception' });
  // One call is open, of one that came today, was answered, and was not given up.
  await expect(line.getByRole('cell')).toHaveText(['1', '1', '1', '0', '正常']);
  await lead.getByRole('link', { name: '现场' }).click();
  const talk = lead.getByRole('region', { name: '实时通话' }).getByRole('row').filter({ hasText: '138****2001' });
  await expect(talk).toContainText('通话中');
  await expect(talk).toContainText('1010');
  // The lead's own phone answers by itself.
  await talk.getByRole('button', { name: /^监听/ }).click();
  await expect(talk).toContainText('您在监听');
  await talk.getByRole('button', { name: '接管' }).click();
  await lead.getByRole('tooltip').getByRole('button', { name: '接管' }).click();
  await expect(bar(lead).getByRole('button', { name: '保持' })).toBeVisible();
  await lead.keyboard.press('Control+Shift+H');
  await lead.getByRole('dialog', { name: '客户尚未挂机' }).getByRole('button', { name: '客户要求挂断' }).click();
  await expect(talk).toHaveCount(0);
  await lead.getByRole('link', { name: '通话与录音' }).click();
  await lead.getByRole('row').filter({ hasText: '138****2001' }).getByRole('link').click();
  await expect(lead.getByRole('main')).toContainText('王小明');
  await expect(lead.getByRole('main')).toContainText('1010');

  const qa = await comes(browser, demo, 'qa', faults);
  await qa.getByRole('link', { name: '通话与录音' }).click();
  await qa.getByRole('row').filter({ hasText: '138****2001' }).getByRole('link').click();
  await expect(qa.locator('[data-drawn=true]')).toBeVisible();
  const heard = qa.waitForResponse(/recording\/audio$/);
  await qa.getByRole('button', { name: '播放' }).click();
  expect((await heard).status()).toBe(206);
  await expect(qa.getByRole('button', { name: '暂停' })).toBeVisible();
  for (const page of [agent, lead, qa]) await page.context().close();
});
