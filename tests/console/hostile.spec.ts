import type { Page } from '@playwright/test';

import { type Desk, call, expect, forge, logIn, openDesk, test, visit, watch } from './desk';
import { PAYLOADS } from './payloads';

/** The payloads are told by so many desks at the same time. */
const PARTS = 4;

/** What no page of ours has: it has come with a text that was taken for HTML. */
const INJECTED = [
  ...['error', 'load', 'click', 'focus', 'toggle', 'start', 'mouseover', 'animationstart'].map((name) => `[on${name}]`),
  ...['iframe', 'object', 'embed', 'marquee', 'math', 'base', 'meta[http-equiv]', 'body script', 'form[action]'],
  'img[src="x"]',
  ...['href', 'src', 'data', 'action'].map((name) => `[${name}^="javascript:" i]`),
  ...['href', 'src'].map((name) => `[${name}*="evil.invalid"]`),
].join(', ');

/** Nothing of it is there but text; that nothing has run, and nothing was refused, the test's end says. */
const harmless = (page: Page) => expect(page.locator(INJECTED)).toHaveCount(0);

interface Told {
  text: string;
  from: string;
  /** As people are shown the number. */
  masked: string;
}

/** A part of the payloads, each with a number of its own. */
function told(part: number): Told[] {
  return PAYLOADS.flatMap((text, n) => {
    const tail = String(7_001 + n);
    return n % PARTS === part ? [{ text, from: `1390000${tail}`, masked: `139****${tail}` }] : [];
  });
}

/** Each of them calls, is seen at the desk, and gives up. */
async function ringAll(page: Page, desk: Desk, all: readonly Told[]): Promise<void> {
  const bar = page.getByRole('region', { name: '通话栏' });
  for (const { text, from, masked } of all) {
    const caller = await forge(desk.number, from, text);
    await expect(bar.locator('[data-ring]')).toBeVisible();
    await expect(bar).toContainText(masked);
    await harmless(page);
    await caller.cancel();
    await expect(bar.locator('[data-ring]')).toHaveCount(0);
  }
}

test('there are forty of them', () => {
  expect(new Set(PAYLOADS).size).toBe(40);
});

for (let part = 0; part < PARTS; part += 1) {
  test(`what a caller writes into twelve headers is text on every screen (${part + 1} of ${PARTS})`, async ({ page, desk }) => {
    const all = told(part);
    await logIn(page, desk, 'agent');
    await page.goto('/desk');
    await expect(page.getByRole('region', { name: '通话栏' })).toContainText('示闲');
    await ringAll(page, desk, all);

    await page.goto('about:blank');
    await logIn(page, desk, 'qa');
    await page.goto(`/calls?line=${desk.line}`);
    const rows = page.getByRole('table', { name: '通话列表' }).getByRole('row');
    const seen: { text: string; path: string }[] = [];
    for (const { text, masked } of all) {
      const row = rows.filter({ hasText: masked });
      await expect(row).toContainText(text);
      seen.push({ text, path: (await row.getByRole('link').getAttribute('href')) ?? '' });
    }
    await harmless(page);

    for (const { text, path } of seen) {
      await visit(page, path);
      await expect(page.getByRole('main')).toContainText(text);
      await harmless(page);
      await page.getByRole('tab', { name: 'SIP 信令' }).click();
      await page.getByRole('button', { name: /^1\. INVITE/ }).click();
      const message = page.getByRole('dialog').locator('pre');
      for (const header of ['Subject', 'User-Agent', 'X-Note']) await expect(message).toContainText(`${header}: ${text}`);
      await harmless(page);
      await page.keyboard.press('Escape');
      await expect(message).toHaveCount(0);
    }

    const last = all[0]!;
    const caller = await forge(desk.number, last.from, last.text);
    await visit(page, '/wallboard');
    const line = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: desk.line, exact: true }) });
    await expect(line.first()).toBeVisible();
    await harmless(page);
    await caller.cancel();
  });
}

test('a caller’s name is text while the call goes on, too', async ({ page, desk, agentPhone }) => {
  const name = '<img src=x onerror=alert(41)>';
  await logIn(page, desk, 'agent');
  await page.goto('/desk');
  await expect(page.getByRole('region', { name: '通话栏' })).toContainText('示闲');
  const caller = await call(desk.number, { name });
  await agentPhone.sees('incoming');
  await agentPhone.press('answer');
  await caller.sees('answered');
  await expect(page.getByRole('region', { name: '通话栏' })).toContainText('通话中');
  await harmless(page);
  await caller.press('hang_up');
});

test('a text that is taken for HTML would be noticed', async ({ browser, baseURL }) => {
  const desk = await openDesk();
  const context = await browser.newContext({ ...(baseURL === undefined ? {} : { baseURL }) });
  const page = await context.newPage();
  const faults: string[] = [];
  await watch(page, faults);
  await logIn(page, desk, 'agent');
  await page.goto('/account');
  await expect(page.getByRole('heading', { name: '我的账号' })).toBeVisible();
  await harmless(page);
  for (const text of PAYLOADS.slice(0, 3)) {
    faults.length = 0;
    await page.evaluate((text) => {
      const place = document.createElement('div');
      document.body.append(place);
      place.innerHTML = text;
    }, text);
    await expect.poll(async () => faults.length + (await page.locator(INJECTED).count())).toBeGreaterThan(0);
  }
  expect(faults.join()).toContain('policy: script-src');
  await context.close();
});
