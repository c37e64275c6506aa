import type { Page, PlaywrightWorkerArgs } from '@playwright/test';

import { type Desk, type Phone, call, expect, logIn, test } from './desk';
import { looksRight, turn } from './screens';

/** A call that was answered, and talked in for a while; gives its id. */
async function talked(page: Page, desk: Desk, agentPhone: Phone): Promise<string> {
  const caller = await call(desk.number, { from: '13800138000', name: '王小明' });
  await agentPhone.sees('incoming');
  await agentPhone.press('answer');
  await caller.sees('answered');
  const id = await newest(page, desk);
  // The recording notice has ended: there are some seconds to be heard.
  await expect
    .poll(async () => (await timeline(page, id)).spans.some(({ what, to_ms }) => what === 'notice' && to_ms != null))
    .toBe(true);
  await agentPhone.press('hold');
  await expect
    .poll(async () => (await timeline(page, id)).spans.some(({ what }) => what === 'hold'))
    .toBe(true);
  await agentPhone.press('resume');
  await expect
    .poll(async () => (await timeline(page, id)).spans.some(({ what, to_ms }) => what === 'hold' && to_ms != null))
    .toBe(true);
  await caller.press('hang_up');
  await expect.poll(async () => (await page.request.get(`/api/v1/calls/${id}/recording`)).status()).toBe(200);
  return id;
}

interface Line {
  spans: { what: string; to_ms?: number | null }[];
}

async function timeline(page: Page, id: string): Promise<Line> {
  return (await (await page.request.get(`/api/v1/calls/${id}/timeline`)).json()) as Line;
}

async function newest(page: Page, desk: Desk): Promise<string> {
  const list = async () => {
    const answer = await page.request.get(`/api/v1/calls?line=${desk.line}`);
    return ((await answer.json()) as { items: { id: string }[] }).items;
  };
  await expect.poll(async () => (await list()).length).toBeGreaterThan(0);
  return (await list())[0]?.id ?? '';
}

/** How many points of each side's colour the waveform has. */
async function ink(page: Page): Promise<{ caller: number; agent: number }> {
  const canvases = page.getByRole('img', { name: '双方波形' }).locator('canvas');
  const counts = await canvases.evaluateAll((all) =>
    (all as HTMLCanvasElement[]).map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const count = { caller: 0, agent: 0 };
      for (let n = 0; n < data.length; n += 4) {
        if (data[n + 3] !== 255) continue;
        if (data[n]! < data[n + 2]!) count.caller += 1;
        else count.agent += 1;
      }
      return count;
    }),
  );
  const sum = (side: 'caller' | 'agent') => counts.reduce((all, count) => all + count[side], 0);
  return { caller: sum('caller'), agent: sum('agent') };
}

interface Audited {
  action: string;
  actor: string;
  purpose: string;
}

/** What was done with a call, as the manager reads it. */
async function audited(
  playwright: PlaywrightWorkerArgs['playwright'],
  page: Page,
  { users, password }: Desk,
  call: string,
  wanted: string,
): Promise<Audited[]> {
  const manager = await playwright.request.newContext({ baseURL: new URL(page.url()).origin });
  await manager.post('/api/v1/session', { data: { name: users.manager, password } });
  const { items } = (await (await manager.get(`/api/v1/audit?call=${call}`)).json()) as { items: Audited[] };
  await manager.dispose();
  return items.filter(({ action }) => action === wanted);
}

test('QA finds a call, hears it, marks a place, and the audit says so', async ({ page, desk, agentPhone, playwright }) => {
  await logIn(page, desk, 'qa');
  const id = await talked(page, desk, agentPhone);
  await page.goto(`/calls?line=${desk.line}`);
  const rows = page.getByRole('table', { name: '通话列表' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('138****8000');
  await expect(rows.nth(1)).toContainText('已接听');
  await looksRight(page, 'calls');
  await turn(page, 'zh-CN', 'light');
  await rows.nth(1).getByRole('link').click();

  await expect(page.locator('[data-drawn=true]')).toBeVisible();
  await expect.poll(async () => (await ink(page)).caller).toBeGreaterThan(100);
  await expect.poll(async () => (await ink(page)).agent).toBeGreaterThan(100);
  const plays = () => audited(playwright, page, desk, id, 'recording.play');
  // To look at it is not to hear it.
  expect(await plays()).toEqual([]);
  const heard = page.waitForResponse(/recording\/audio$/);
  await page.getByRole('button', { name: '播放' }).click();
  expect((await heard).status()).toBe(206);
  await expect(page.getByRole('button', { name: '暂停' })).toBeVisible();
  // Keys: pause, faster, slower.
  await page.locator('main').focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: '播放' })).toBeVisible();
  expect((await plays()).map(({ actor }) => actor)).toEqual([desk.users.qa]);
  await page.keyboard.press(']');
  await expect(page.getByRole('radio', { name: '1.25×' })).toBeChecked();
  await page.keyboard.press('[');
  await page.keyboard.press('[');
  await expect(page.getByRole('radio', { name: '0.75×' })).toBeChecked();

  await page.keyboard.press('M');
  await page.getByRole('textbox', { name: '说明' }).fill('<b>此处道歉</b>');
  await page.keyboard.press('Enter');
  const markers = page.getByRole('region', { name: '标记' });
  await expect(markers.getByRole('listitem')).toHaveText(/<b>此处道歉<\/b>/);
  await page.reload();
  await expect(markers.getByRole('listitem')).toHaveCount(1);
  await expect(page.locator('[data-drawn=true]')).toBeVisible();
  await looksRight(page, 'call');
  await turn(page, 'zh-CN', 'light');

  // Taken out for a reason only, which the audit keeps.
  await page.getByRole('button', { name: '下载录音' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('complaint 117');
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: '下载录音' }).click();
  expect((await download).suggestedFilename()).toBe(`${id}.wav`);
  const downloads = await audited(playwright, page, desk, id, 'recording.download');
  expect(downloads.map(({ purpose }) => purpose)).toEqual(['complaint 117']);
});

test('the ladder, the log and the notes of a call are there, and foreign calls are not', async ({ page, desk, agentPhone }) => {
  await logIn(page, desk, 'qa');
  const id = await talked(page, desk, agentPhone);
  await page.goto(`/calls/${id}`);
  await page.getByRole('tab', { name: 'SIP 信令' }).click();
  const ladder = page.getByRole('region', { name: 'SIP 信令' });
  await ladder.getByRole('button', { name: /^1\. INVITE/ }).click();
  const message = page.getByRole('dialog').locator('pre');
  await expect(message).toContainText('INVITE sip:');
  await expect(message).toContainText('138****8000');
  await expect(message).not.toContainText('13800138000');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await looksRight(page, 'call-ladder');
  await turn(page, 'zh-CN', 'light');
  await page.getByRole('tab', { name: '事件' }).click();
  await expect(page.getByRole('cell', { name: 'arrived', exact: true })).toBeVisible();
  await page.getByRole('tab', { name: '来电记录' }).click();
  await expect(page.getByText('没有记录')).toBeVisible();
  // An agent without the right sees neither ladder nor download; one of another desk sees nothing.
  await logIn(page, desk, 'agent');
  await page.goto(`/calls/${id}`);
  await expect(page.getByRole('tab', { name: '经过' })).toBeVisible();
  await expect(page.getByRole('tab', { name: 'SIP 信令' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: '下载录音' })).toHaveCount(0);
  await logIn(page, desk, 'ops');
  await page.goto(`/calls/${id}`);
  await expect(page.getByText('没有权限查看此页面')).toBeVisible();
});

test('a list of nothing says what to do', async ({ page, desk }) => {
  await logIn(page, desk, 'qa');
  await page.goto(`/calls?line=${desk.line}`);
  await expect(page.getByText('没有符合条件的通话')).toBeVisible();
  await looksRight(page, 'calls-empty');
});
