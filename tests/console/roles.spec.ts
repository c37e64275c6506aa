import type { Page } from '@playwright/test';

import { type Desk, Phone, type Role, call, expect, logIn, openDesk, test, visit } from './desk';

/** Screens of those who set up and keep the house in order. */
const ADMIN = [
  ...['users', 'lines', 'queues', 'agents', 'calendars', 'outbound', 'prompts', 'codes', 'holidays'],
  ...['directory', 'matters', 'phones', 'webhooks', 'audit', 'health'],
].map((name) => `/admin/${name}`);

const ways = (page: Page) => page.getByRole('navigation', { name: '主导航' }).getByRole('link');
const refusal = (page: Page) => page.getByRole('heading', { name: '没有权限查看此页面' });

/** A call that was answered and is over; its id. */
async function talked(page: Page, desk: Desk, phone: Phone): Promise<string> {
  await logIn(page, desk, 'qa');
  const caller = await call(desk.number);
  await phone.sees('incoming');
  await phone.press('answer');
  await caller.sees('answered');
  await caller.press('hang_up');
  await phone.sees('ended');
  const ended = async () => {
    const answer = await page.request.get(`/api/v1/calls?line=${desk.line}`);
    const { items } = (await answer.json()) as { items: { id: string; ended_at?: string | null }[] };
    return items.find(({ ended_at }) => ended_at != null)?.id ?? '';
  };
  await expect.poll(ended).not.toBe('');
  return ended();
}

for (const role of ['agent', 'trainee'] as const) {
  test(`a screen that is not for the ${role} is neither in the navigation nor at its address`, async ({ page, house }) => {
    await logIn(page, house, role);
    await page.goto('/desk');
    await expect(page.getByRole('heading', { level: 1, name: '工作台' })).toBeVisible();
    await expect(ways(page).filter({ hasText: '通话与录音' })).toBeVisible();
    const targets = await ways(page).evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
    expect(targets.filter((target) => target.startsWith('/admin'))).toEqual([]);
    for (const path of ADMIN) {
      await visit(page, path);
      await expect(refusal(page)).toBeVisible();
      await visit(page, '/desk');
      await expect(refusal(page)).toHaveCount(0);
    }
    await page.goto('/admin/users');
    await expect(refusal(page)).toBeVisible();
  });
}

test('an agent sees and hears the own calls, and nobody else’s', async ({ page, desk, agentPhone }) => {
  const own = await talked(page, desk, agentPhone);
  const other = await openDesk();
  await logIn(page, other, 'agent');
  await page.goto('/calls');
  await expect(page.getByText('没有符合条件的通话')).toBeVisible();
  await page.goto(`/calls/${own}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  // To whom it is not there, it is not there: its number tells nothing.
  await expect(page.getByText('找不到该内容')).toBeVisible();
  await expect(page.getByRole('tab')).toHaveCount(0);
  for (const path of ['', '/events', '/timeline', '/recording', '/notes']) {
    expect((await page.request.get(`/api/v1/calls/${own}${path}`)).status(), path).toBe(404);
  }

  await logIn(page, desk, 'agent');
  await page.goto('/calls');
  await expect(page.getByRole('table', { name: '通话列表' }).getByRole('row')).toHaveCount(2);
  await page.goto(`/calls/${own}`);
  await expect(page.getByRole('tab', { name: '经过' })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'SIP 信令' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: '下载录音' })).toHaveCount(0);
  expect((await page.request.get(`/api/v1/calls/${own}/trace`)).status()).toBe(403);
});

test('who may see a call may not for that hear it', async ({ page, desk, agentPhone }) => {
  const id = await talked(page, desk, agentPhone);
  const hears: [Role, boolean][] = [
    ['admin', false],
    ['auditor', true],
  ];
  for (const [role, may] of hears) {
    await logIn(page, desk, role);
    await page.goto(`/calls/${id}`);
    await expect(page.getByRole('tab', { name: '经过' })).toBeVisible();
    await expect(page.getByText('您不能收听录音')).toHaveCount(may ? 0 : 1);
    await expect(page.getByRole('button', { name: '播放' })).toHaveCount(may ? 1 : 0);
  }
});

interface Section {
  document: Record<string, unknown>;
}

/** Changes something of a section that is set up. The answer’s status, and what it says. */
async function change(page: Page, path: string, part: Record<string, unknown>): Promise<[number, string]> {
  const seen = await page.request.get(`/api/v1/setup/${path}`);
  const { document } = (await seen.json()) as Section;
  const headers = { 'if-match': seen.headers().etag ?? '' };
  const data = { document: { ...document, ...part }, reason: '新人' };
  const answer = await page.request.put(`/api/v1/setup/${path}`, { headers, data });
  return [answer.status(), await answer.text()];
}

test('a trainee is on no line, and gets no customer’s call (R251)', async ({ page, desk }) => {
  const other = await openDesk();
  const otherPhone = new Phone(other.extension);
  await logIn(page, desk, 'admin');
  const learns = () => change(page, `agent/${desk.extension}`, { trainee: true });
  const [refused, why] = await learns();
  expect(refused).toBe(422);
  expect(why).toContain('trainee');
  expect(await change(page, `line/${desk.line}`, { agents: [other.extension] })).toContain(200);
  expect(await learns()).toContain(200);

  await logIn(page, desk, 'trainee');
  await page.goto('/desk');
  await expect(page.getByRole('region', { name: '通话栏' })).toContainText('示闲');
  const caller = await call(desk.number);
  await otherPhone.sees('incoming');
  await otherPhone.press('answer');
  await caller.sees('answered');
  await caller.press('hang_up');
  await otherPhone.sees('ended');
  await expect(page.getByRole('region', { name: '通话栏' })).toContainText('示闲');
  await logIn(page, desk, 'qa');
  const rows = (await (await page.request.get(`/api/v1/calls?line=${desk.line}`)).json()) as { items: { id: string }[] };
  const row = (await (await page.request.get(`/api/v1/calls/${rows.items[0]?.id}`)).json()) as {
    record: { attempts: { agent: string }[] };
  };
  expect(row.record.attempts.map(({ agent }) => agent)).toEqual([other.extension]);
});
