import type { Page } from '@playwright/test';

import { call, expect, logIn, test, writeHistory } from './desk';

/** As a site has them that takes a call a minute for ten weeks. */
const CALLS = 100_000;
/** Looks at the same page, each with an empty cache. */
const LOOKS = 9;

/** What a page did in one go for longer than 50 ms (Long Tasks, W3C), and when its first words stood there. */
interface Seen {
  tasks: number[];
  painted: number;
  ready: number;
}

async function observe(page: Page, ready: string): Promise<void> {
  await page.addInitScript((ready) => {
    const seen: Seen = { tasks: [], painted: 0, ready: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') seen.painted = startTime;
    }).observe({ type: 'paint', buffered: true });
    const looks = new MutationObserver(() => {
      if (!document.querySelector('[aria-label="通话栏"]')?.textContent?.includes(ready)) return;
      looks.disconnect();
      requestAnimationFrame(() => (seen.ready = performance.now()));
    });
    if (ready !== '') looks.observe(document, { subtree: true, childList: true, characterData: true });
  }, ready);
}

const seenOf = (page: Page) => page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);

/** The long tasks since this was asked last, in words. */
async function told(page: Page): Promise<string> {
  const tasks = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen.tasks.splice(0));
  return `${tasks.length} tasks over 50 ms, longest ${Math.max(0, ...tasks).toFixed(0)} ms`;
}

function spread(values: number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  return `median ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms, most ${sorted.at(-1)?.toFixed(0)} ms`;
}

test('how soon the desk is there from a cold cache', async ({ browser, desk, baseURL }) => {
  const painted: number[] = [];
  const ready: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const context = await browser.newContext({ ...(baseURL === undefined ? {} : { baseURL }), locale: 'zh-CN' });
    const page = await context.newPage();
    await observe(page, '示闲');
    await logIn(page, desk, 'agent');
    await page.goto('/desk');
    await expect.poll(async () => (await seenOf(page)).ready).toBeGreaterThan(0);
    await expect.poll(async () => (await seenOf(page)).painted).toBeGreaterThan(0);
    const seen = await seenOf(page);
    painted.push(seen.painted);
    ready.push(seen.ready);
    await context.close();
  }
  console.log(`first contentful paint: ${spread(painted)}; desk ready: ${spread(ready)} (${LOOKS} cold caches)`);
});

test('how a list of 100,000 calls scrolls, and is searched', async ({ page, desk, agentPhone }) => {
  const caller = await call(desk.number);
  await agentPhone.sees('incoming');
  await agentPhone.press('answer');
  await caller.sees('answered');
  await caller.press('hang_up');
  await agentPhone.sees('ended');
  await logIn(page, desk, 'supervisor');
  const ended = async () => ((await (await page.request.get('/api/v1/calls?running=no')).json()) as { items: unknown[] }).items.length;
  await expect.poll(ended).toBe(1);
  await writeHistory(CALLS);
  await observe(page, '');
  await page.goto('/calls');
  const list = page.getByRole('table', { name: '通话列表' });
  const rows = list.getByRole('row');
  await expect(rows.nth(10)).toBeVisible();
  console.log(`list of ${CALLS} calls opened: ${await told(page)}`);

  // On to the very end, as fast as pages come.
  const began = Date.now();
  await page.evaluate(async (calls) => {
    const scroller = document.querySelector('[role=region][aria-label="通话列表"]')!;
    const drawn = () => new Promise((next) => requestAnimationFrame(next));
    const count = () => Number(scroller.querySelector('[role=table]')?.getAttribute('aria-rowcount') ?? 0);
    for (const deadline = Date.now() + 240_000; count() <= calls && Date.now() < deadline; await drawn()) scroller.scrollTop += 1600;
  }, CALLS);
  const read = Number(await list.getAttribute('aria-rowcount')) - 1;
  console.log(`scrolled to the end of ${read} calls in ${((Date.now() - began) / 1000).toFixed(0)} s: ${await told(page)}`);
  // Up and down through all of them, a screen and a jump at a time.
  await page.evaluate(async () => {
    const scroller = document.querySelector('[role=region][aria-label="通话列表"]')!;
    const drawn = () => new Promise((next) => requestAnimationFrame(next));
    for (let n = 0; n < 300; n += 1, await drawn()) scroller.scrollTop = (scroller.scrollHeight * ((n * 37) % 101)) / 101;
    for (let n = 0; n < 300; n += 1, await drawn()) scroller.scrollTop -= 500;
  });
  console.log(`scrolled up and down in ${read} calls: ${await told(page)}`);

  const search = page.getByRole('searchbox', { name: '主叫号码' });
  await search.pressSequentially('13900000042', { delay: 30 });
  console.log(`typed a number above ${read} calls: ${await told(page)}`);
  const found = page.waitForResponse(/\/api\/v1\/calls\?.*number=13900000042/);
  const asked = Date.now();
  await search.press('Enter');
  await found;
  await expect(rows.nth(1)).toContainText('0042');
  console.log(`searched a number in ${CALLS} calls: ${Date.now() - asked} ms until the rows stood there, ${await told(page)}`);
});
