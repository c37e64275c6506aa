import type { Page } from '@playwright/test';

import { type Desk, call, expect, logIn, test } from './desk';
import { looksRight } from './screens';

interface Share {
  numerator: number;
  denominator: number;
  permille: number | null;
}

interface Day {
  total: { within_three_rings: Share; within_fifteen_seconds: Share; answer_rate: Share };
}

/** The row of a line: how many calls are open, and what the day has brought. */
const rowOf = (page: Page, desk: Desk) =>
  page
    .getByRole('region', { name: '线路' })
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: desk.line, exact: true }) });

const cells = (page: Page, desk: Desk) => rowOf(page, desk).getByRole('cell');

test('the day’s rates stand there with both their numbers, as the service counts them', async ({ page, desk, agentPhone }) => {
  await logIn(page, desk, 'lead');
  await page.goto('/wallboard');
  // Open calls, and of the day: calls, answered, given up.
  await expect(cells(page, desk)).toHaveText(['0', '0', '0', '0', '正常']);
  const caller = await call(desk.number);
  await expect(cells(page, desk)).toHaveText(['1', '1', '0', '0', '正常']);
  await agentPhone.sees('incoming');
  await agentPhone.press('answer');
  await expect(cells(page, desk)).toHaveText(['1', '1', '1', '0', '正常']);
  await caller.press('hang_up');
  await expect(cells(page, desk)).toHaveText(['0', '1', '1', '0', '正常']);

  await expect(async () => {
    const { total } = (await (await page.request.get('/api/v1/statistics/today')).json()) as Day;
    const shown = [
      ['三声接起率', total.within_three_rings],
      ['15 秒接通率', total.within_fifteen_seconds],
      ['接听率', total.answer_rate],
    ] as const;
    for (const [name, { numerator, denominator, permille }] of shown) {
      const panel = page.getByRole('region', { name, exact: true });
      await expect(panel).toContainText(`${numerator} / ${denominator} 通`, { timeout: 2_000 });
      await expect(panel).toContainText(`${((permille ?? 0) / 10).toFixed(1)}%`, { timeout: 2_000 });
    }
  }).toPass();
  await looksRight(page, 'wallboard');
});

test('a wall shows it by a token, which goes from the address and can do nothing else', async ({ page, desk, browser, baseURL, playwright }) => {
  await logIn(page, desk, 'supervisor');
  const made = await page.request.post('/api/v1/tokens', { data: { label: '大屏', scopes: ['wallboard:read'], days: 1 } });
  expect(made.status(), await made.text()).toBe(201);
  const { token, id } = (await made.json()) as { token: string; id: string };
  const program = await playwright.request.newContext({
    ...(baseURL === undefined ? {} : { baseURL }),
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
  expect((await program.get('/api/v1/statistics/today')).status()).toBe(200);
  expect((await program.get('/api/v1/calls')).status()).toBe(403);
  await program.dispose();

  // A browser of its own, where nobody is logged in.
  const wall = await browser.newPage({ ...(baseURL === undefined ? {} : { baseURL }), locale: 'zh-CN' });
  await wall.goto(`/kiosk#${token}`);
  await expect(cells(wall, desk)).toHaveText(['0', '0', '0', '0', '正常']);
  expect(wall.url()).not.toContain(token);
  const caller = await call(desk.number);
  await expect(cells(wall, desk)).toHaveText(['1', '1', '0', '0', '正常']);
  await caller.press('cancel');
  await expect(cells(wall, desk).first()).toHaveText('0');
  await wall.reload();
  await expect(cells(wall, desk).first()).toHaveText('0');

  expect((await page.request.delete(`/api/v1/tokens/${id}`)).status()).toBe(204);
  await wall.reload();
  await expect(wall.getByRole('heading', { name: '令牌无效或已被吊销' })).toBeVisible();
  await wall.close();
});

test('the wall looks right, and asks for its token where it has none', async ({ page, desk }) => {
  await page.goto('/kiosk');
  await expect(page.getByRole('heading', { name: '此大屏需要令牌' })).toBeVisible();
  await looksRight(page, 'kiosk-token');
  await logIn(page, desk, 'supervisor');
  const made = await page.request.post('/api/v1/tokens', { data: { label: '大屏', scopes: ['wallboard:read'], days: 1 } });
  const { token } = (await made.json()) as { token: string };
  await page.context().clearCookies();
  await page.getByRole('textbox', { name: 'Token' }).fill(token);
  await page.getByRole('button', { name: 'Open the wallboard' }).click();
  await expect(page.getByRole('heading', { name: 'Wallboard' })).toBeVisible();
  await expect(page.getByRole('rowheader', { name: desk.line, exact: true }).first()).toBeVisible();
  await looksRight(page, 'kiosk');
});
