import { type Page, request } from '@playwright/test';

import { Phone, type Team, call, expect, logIn, test } from './desk';
import { looksRight, turn } from './screens';

interface Row {
  id: string;
  now: { state: string; agent: string | null; beside: { agent: string; mode: string; is_there: boolean } | null };
}

/** What the service says. */
async function ask<T>(page: Page, path: string): Promise<T> {
  const answer = await page.request.get(path);
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as T;
}

/** The running calls of a team's line. */
async function running(page: Page, { queue }: Team): Promise<Row[]> {
  const { items } = await ask<{ items: Row[] }>(page, `/api/v1/calls?running=yes&line=${queue}`);
  return items;
}

/** What was done with a call beside the talk, in order. */
async function doings(page: Page, id: string): Promise<string[]> {
  const path = `/api/v1/calls/${id}/events`;
  const { items } = await ask<{ items: { kind: string; data?: { doing?: string; mode?: string } }[] }>(page, path);
  const done = items.filter(({ kind, data }) => kind === 'doing' && data?.doing?.startsWith('supervisor'));
  return done.map(({ data }) => [data?.doing, data?.mode].filter(Boolean).join(' '));
}

async function orderOf(page: Page, { queue }: Team): Promise<string[]> {
  const { items } = await ask<{ items: { id: string; order: string[] }[] }>(page, '/api/v1/queues');
  return items.find(({ id }) => id === queue)?.order ?? [];
}

/** What an agent of the team asks of the service, as the desk's screen does. */
async function asks(page: Page, team: Team, who: 'agent' | 'colleague', path: string, data: object): Promise<void> {
  const agent = await request.newContext({ baseURL: new URL(page.url()).origin });
  const session = await agent.post('/api/v1/session', { data: { name: team.users[who], password: team.password } });
  expect(session.status(), await session.text()).toBe(200);
  const answer = await agent.post(path, { data });
  expect(answer.status(), await answer.text()).toBe(202);
  await agent.dispose();
}

/** Looks at it in every way, and goes on as before. */
async function looks(page: Page, name: string): Promise<void> {
  await looksRight(page, name);
  await turn(page, 'zh-CN', 'light');
}

const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** The floor of the team's own queue, for its lead. */
async function open(page: Page, team: Team): Promise<void> {
  await logIn(page, team, 'lead');
  await page.goto(`/floor?queue=${team.queue}`);
  await expect(page.getByRole('heading', { name: '现场', level: 1 })).toBeVisible();
}

// R066, R067: who asks for help is seen, listened to, whispered to; the lead's own phone rings for it.
test('the duty lead sees a call and a raised hand, listens in, whispers, barges in and leaves', async ({ page, team }) => {
  const [first] = team.extensions;
  const agent = new Phone(first);
  const lead = new Phone(team.lead);
  await open(page, team);
  const calls = part(page, '实时通话');
  await expect(calls).toContainText('当前没有通话');

  const caller = await call(team.number, { from: '13912345678' });
  const row = calls.getByRole('row').filter({ hasText: '139****5678' });
  await expect(row).toContainText('振铃中');
  await expect(row).toContainText(/第\d+声/);
  await expect(row.getByRole('button', { name: /^监听/ })).toBeDisabled();
  await agent.sees('incoming');
  await agent.press('answer');
  await caller.sees('answered');
  await expect(row).toContainText('通话中');
  await expect(row).toContainText(first);
  const [talk] = await running(page, team);
  const id = talk?.id ?? '';
  expect(talk?.now.agent).toBe(first);

  // The agent asks for help: it stands above everything else, also for those who come later.
  await asks(page, team, 'agent', `/api/v1/calls/${id}/hand/raise`, {});
  const alarms = page.getByRole('status', { name: '需要处理' });
  await expect(alarms).toContainText(/举手求助/);
  // Who looks at one queue is told of all, with a way to the call.
  const notice = page.getByRole('status').filter({ has: page.getByRole('button', { name: '看通话' }) });
  await expect(notice).toContainText(/举手/);
  await page.reload();
  await expect(alarms).toContainText(/举手求助/);
  await expect(row).toContainText('举手');
  await expect(part(page, '坐席').getByRole('row').nth(1)).toContainText('举手');
  await looks(page, 'floor');

  await row.getByRole('button', { name: /^监听/ }).click();
  await expect(row).toContainText('正在呼叫您的话机');
  await lead.sees('incoming');
  await lead.press('answer');
  await lead.sees('answered');
  await expect(row).toContainText('您在监听');
  await expect(alarms).not.toContainText(/举手求助/);
  expect((await running(page, team))[0]?.now.beside).toEqual({ agent: team.lead, mode: 'listen', is_there: true });

  await row.getByText('密语', { exact: true }).click();
  await expect(row).toContainText('您在密语');
  await looks(page, 'floor-beside');
  // On every other page the call bar has what the row has here.
  await page.getByRole('navigation').getByRole('link', { name: '大屏' }).click();
  const bar = page.getByRole('region', { name: '通话栏' });
  await bar.getByText('强插', { exact: true }).click();
  await page.goBack();
  await expect(row).toContainText('您在强插');
  await row.getByRole('button', { name: /^离开/ }).click();
  await lead.sees('ended');
  await expect(row.getByRole('button', { name: /^监听/ })).toBeEnabled();
  expect(await doings(page, id)).toEqual([
    'supervisor_called listen',
    'supervisor_joined listen',
    'supervisor_turned whisper',
    'supervisor_turned barge',
    'supervisor_left',
  ]);
  // The talk has gone on beside all this.
  expect((await running(page, team))[0]?.now.state).toBe('talking');
  await caller.press('hang_up');
  await expect(calls).toContainText('当前没有通话');
});

// R067: whoever listens takes the call over, and the agent is free.
test('the duty lead answers from the call bar and takes a call over', async ({ page, team }) => {
  const agent = new Phone(team.extensions[0]);
  await open(page, team);
  const caller = await call(team.number);
  await agent.sees('incoming');
  await agent.press('answer');
  const row = part(page, '实时通话').getByRole('row').filter({ hasText: team.extensions[0] });
  await expect(row).toContainText('通话中');
  await row.getByRole('button', { name: /^密语/ }).click();
  const bar = page.getByRole('region', { name: '通话栏' });
  await expect(bar).toContainText('您的话机正在振铃');
  await expect(async () => {
    await bar.getByRole('button', { name: '接听' }).click({ timeout: 2_000 });
    await expect(row).toContainText('您在密语', { timeout: 3_000 });
  }).toPass();
  await row.getByRole('button', { name: '接管' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '接管' }).click();
  await agent.sees('ended');
  const own = part(page, '实时通话').getByRole('row').filter({ hasText: team.lead });
  await expect(own).toContainText('通话中');
  // It is the lead's own call from now on.
  await expect(bar.getByRole('button', { name: '保持' })).toBeVisible();
  await caller.press('hang_up');
  await expect(own).toHaveCount(0);
});

// R015: the hunting order is seen and changed, by hand and by keys.
test('the duty lead puts the hunt into another order, by keyboard and by dragging', async ({ page, team }) => {
  const [one, two, three] = team.extensions;
  await open(page, team);
  // The floor of everybody, narrowed to the lead's own queue.
  await page.goto('/floor');
  await page.getByRole('combobox', { name: '看哪个队列' }).click();
  await page.keyboard.type(team.queue);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/floor?queue=${team.queue}`);
  const hunt = part(page, '轮位');
  const shown = async () => {
    const rows = await hunt.getByRole('listitem').allTextContents();
    return rows.map((text) => team.extensions.find((extension) => text.includes(extension)));
  };
  const handle = (extension: string) => hunt.getByRole('button', { name: new RegExp(`^移动 .*${extension}`) });
  await expect.poll(shown).toEqual([one, two, three]);

  await handle(one).focus();
  await page.keyboard.press('Space');
  await expect(hunt.getByRole('status')).toContainText('已拿起');
  await expect(hunt.getByRole('status')).toContainText('第 1 位');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(hunt.getByRole('status')).toContainText('移到第 3 位，共 3 位');
  await expect(handle(one)).toBeFocused();
  // Nothing counts before it is dropped.
  expect(await orderOf(page, team)).toEqual([one, two, three]);
  await looks(page, 'floor-lifted');
  await handle(one).focus();
  await page.keyboard.press('Space');
  await expect.poll(() => orderOf(page, team)).toEqual([two, three, one]);
  await expect.poll(shown).toEqual([two, three, one]);

  // Escape leaves everything as it was.
  await hunt.getByRole('button', { pressed: false }).first().focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect.poll(shown).toEqual([two, three, one]);
  expect(await orderOf(page, team)).toEqual([two, three, one]);

  // By the pointer: the last one to the top.
  const from = await hunt.getByRole('listitem').nth(2).getByRole('button').boundingBox();
  const to = await hunt.getByRole('listitem').nth(0).boundingBox();
  if (!from || !to) throw new Error('the list is not there');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + 60, to.y + to.height / 2, { steps: 8 });
  await page.mouse.up();
  await expect.poll(() => orderOf(page, team)).toEqual([one, two, three]);

  // The next caller rings at whoever is first now.
  await page.reload();
  await expect.poll(shown).toEqual([one, two, three]);
  const caller = await call(team.number);
  await new Phone(one).sees('incoming');
  await caller.press('cancel');
});

// R274, R018: breaks wait for the lead's word; who is away is missing.
test('the duty lead allows a break and refuses another, and is told that somebody is missing', async ({ page, team }) => {
  const [first, second] = team.extensions;
  await open(page, team);
  const breaks = part(page, '小休申请');
  await expect(breaks).toContainText('没有待批准的小休');
  await asks(page, team, 'agent', `/api/v1/agents/${first}/state`, { to: 'break', reason: '用餐' });
  await asks(page, team, 'colleague', `/api/v1/agents/${second}/state`, { to: 'break', reason: '休息' });
  await expect(breaks.getByRole('listitem')).toHaveCount(2);
  await expect(breaks.getByRole('listitem').first()).toContainText('用餐');
  // A tablet has all of it, one below the other, and nothing is cut off.
  await page.setViewportSize({ width: 820, height: 1180 });
  await looks(page, 'floor-tablet');
  const overhang = await page.evaluate(() => {
    const main = document.querySelector('main');
    return (main?.scrollWidth ?? 0) - (main?.clientWidth ?? 0);
  });
  expect(overhang).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await breaks.getByRole('button', { name: new RegExp(`^批准 .*${first}`) }).click();
  await expect(breaks.getByRole('listitem')).toHaveCount(1);
  await breaks.getByRole('button', { name: new RegExp(`^不批准 .*${second}`) }).click();
  await expect(breaks).toContainText('没有待批准的小休');
  const agents = part(page, '坐席');
  await expect(agents.getByRole('row').filter({ hasText: first })).toContainText('小休：用餐');
  await expect(agents.getByRole('row').filter({ hasText: second })).toContainText('示闲');
  await expect(page.getByRole('status', { name: '需要处理' })).toContainText(`队列 ${team.queue} 缺 1 人`);
});

// R279: a line's switch is thrown and released here, with who, when and why.
test('the duty lead throws the emergency switch, and releases it', async ({ page, team }) => {
  await open(page, team);
  const switches = part(page, '线路应急');
  await switches.getByRole('button', { name: `应急切换 ${team.queue}` }).click();
  const dialog = page.getByRole('dialog', { name: `应急切换 ${team.queue}` });
  await dialog.getByRole('button', { name: '确认切换' }).click();
  // Nothing is thrown without a word on why.
  await expect(dialog).toContainText('请填写原因');
  await looks(page, 'floor-switch');
  await dialog.getByLabel('原因').fill('系统故障');
  // Away from the field, whose proposals may lie over the button.
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: '确认切换' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(switches).toContainText('应急中');
  await expect(switches).toContainText('播放 closed.wav');
  await expect(switches).toContainText('系统故障');
  await expect(switches).toContainText(team.lead);
  const alarms = page.getByRole('status', { name: '需要处理' });
  await expect(alarms).toContainText(`线路 ${team.queue} 在应急中`);
  const lineOf = async () => {
    const { items } = await ask<{ items: { id: string; switched?: object }[] }>(page, '/api/v1/lines');
    return items.find(({ id }) => id === team.queue)?.switched;
  };
  expect(await lineOf()).toMatchObject({ announcement: 'closed.wav', by: team.lead, reason: '系统故障' });

  await switches.getByRole('button', { name: `恢复 ${team.queue}` }).click();
  const again = page.getByRole('dialog', { name: `恢复 ${team.queue}` });
  await again.getByLabel('原因').fill('故障已排除');
  await page.keyboard.press('Tab');
  await again.getByRole('button', { name: '确认恢复' }).click();
  await expect(switches).not.toContainText('应急中');
  expect(await lineOf()).toBeUndefined();
});

// R015, R066: it is for those who lead.
test('an agent does not see the floor', async ({ page, house }) => {
  await logIn(page, house, 'agent');
  await page.goto('/desk');
  await expect(page.getByRole('navigation').getByRole('link', { name: '工作台' })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: '现场' })).toHaveCount(0);
  await page.goto('/floor');
  await expect(page.getByRole('heading', { name: '没有权限查看此页面' })).toBeVisible();
});
