import type { APIRequestContext } from '@playwright/test';

import { type Desk, call, expect, logIn, test } from './desk';
import { looksRight } from './screens';

// Here everything moves, as most people have it.
test.use({ contextOptions: { reducedMotion: 'no-preference' } });

interface Codes {
  purposes: { code: string; parent: string | null; name: string; retired: boolean }[];
}

/** What the agents of a line choose from now: code, and what it is a kind of. */
async function purposes(request: APIRequestContext, { line }: Desk): Promise<string[]> {
  const codes = (await (await request.get(`/api/v1/lines/${line}/codes`)).json()) as Codes;
  return codes.purposes.map(({ code, parent, retired }) => `${parent ?? ''}/${code}${retired ? ' -' : ''}`);
}

/** R029, R085 */
test('a line’s purposes are moved by keys and by the mouse, named, added and retired', async ({ page, desk }) => {
  await logIn(page, desk, 'admin');
  await page.goto(`/admin/codes?line=${desk.line}`);
  const rows = page.getByRole('list', { name: '来电目的' }).getByRole('listitem');
  await expect(rows).toHaveCount(4);
  // By keys alone: repairs become a kind of complaint, and suggestions come first.
  const repair = page.getByRole('button', { name: '移动“报修”' });
  await repair.focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(page.getByText('“报修”现在是第 3 行，属于“投诉”')).toBeAttached();
  await expect(repair).toBeFocused();
  const suggestion = page.getByRole('button', { name: '移动“建议”' });
  await suggestion.focus();
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(suggestion).toBeFocused();
  await expect(rows.first()).toContainText('suggestion');

  await page.getByRole('button', { name: '在“投诉”下新增' }).click();
  await page.getByPlaceholder('代码').fill('complaint.noise');
  await expect(page.getByText('请填写名称')).toBeVisible();
  const fresh = rows.filter({ hasText: '请填写名称' });
  await fresh.getByPlaceholder('中文名称').fill('噪音扰民');
  await page.getByLabel('“噪音扰民”的英文名称').fill('Noise');
  await page.getByRole('button', { name: '停用“建议”' }).click();
  await looksRight(page, 'codes');
  await page.getByRole('textbox', { name: 'Why' }).fill('物业分类');
  await page.getByRole('button', { name: 'Save; it counts at once' }).click();
  await expect(page.getByText('Saved: calls that come from now on go by it')).toBeVisible();
  await expect
    .poll(() => purposes(page.request, desk))
    .toEqual(['/suggestion -', '/consultation', '/complaint', 'complaint/repair', 'complaint/complaint.noise']);

  // By the mouse: out of the complaints again, to the end.
  const target = page.getByRole('listitem').filter({ hasText: 'consultation' });
  const box = await target.boundingBox();
  await page
    .getByRole('button', { name: 'Move “报修”' })
    .dragTo(target, { targetPosition: { x: 40, y: (box?.height ?? 40) - 3 } });
  await page.getByRole('button', { name: 'Save; it counts at once' }).click();
  await expect
    .poll(() => purposes(page.request, desk))
    .toEqual(['/suggestion -', '/consultation', '/repair', '/complaint', 'complaint/complaint.noise']);
  // It is a version like any other.
  await page.getByRole('button', { name: 'Versions' }).click();
  await expect(page.getByRole('cell', { name: '物业分类' })).toBeVisible();
});

/** R016 */
test('a year’s holidays are written down, imported, and count', async ({ page, desk }) => {
  await logIn(page, desk, 'admin');
  const name = `cal-${desk.line}`;
  const document = { hours: ['mon-fri 09:00-18:00'] };
  const made = await page.request.put(`/api/v1/setup/calendar/${name}`, { data: { document } });
  expect(made.status(), await made.text()).toBe(200);
  await page.goto(`/admin/holidays?calendar=${name}&year=2027`);
  await page.getByRole('button', { name: '导入' }).click();
  const dialog = page.getByRole('dialog', { name: '导入 2027 年放假安排' });
  await dialog.getByRole('textbox').fill('元旦, 1月1日, 1月3日, 1月9日\n劳动节, 5月1日, 5月5日\n不是日期');
  await expect(dialog.getByText('看不懂的行：3')).toBeVisible();
  await dialog.getByRole('button', { name: '导入 2 个假期' }).click();
  await expect(page.getByText('放假 8 天，调休上班 1 天')).toBeVisible();
  // One without a name is told, and not sent.
  await page.getByRole('button', { name: '新增假期' }).click();
  await expect(page.getByText('请填写名称')).toBeVisible();
  await expect(page.getByRole('button', { name: '保存并立即生效' })).toBeDisabled();
  await page.getByLabel('第 3 个假期的名称').fill('店庆');
  await expect(page.getByText('日期重复')).toHaveCount(2);
  await page.getByRole('button', { name: '删除“店庆”' }).click();
  await page.getByRole('textbox', { name: '依据' }).fill('通知');
  await page.getByRole('button', { name: '保存并立即生效' }).click();
  await expect(page.getByText('已保存，新来电即按此执行')).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('第 2 个假期的名称')).toHaveValue('劳动节');
  await expect(page.getByText('放假 8 天，调休上班 1 天')).toBeVisible();
  await looksRight(page, 'holidays');
});

/** R105, R112 */
test('a department and what it answers for are written down', async ({ page, desk }) => {
  await logIn(page, desk, 'supervisor');
  const department = `工程部 ${desk.line}`;
  const matter = `电梯故障 ${desk.line}`;
  await page.goto('/admin/directory');
  await page.getByRole('button', { name: '新增', exact: true }).click();
  const entry = page.getByRole('dialog', { name: '新增' });
  await entry.getByText('部门', { exact: true }).click();
  await entry.getByRole('textbox', { name: '名称' }).fill(department);
  await entry.getByRole('textbox', { name: '电话' }).fill('010-6522 1000');
  await entry.getByRole('button', { name: '保存' }).click();
  await expect(entry).toBeHidden();
  await page.getByRole('searchbox').fill(department);
  await expect(page.getByRole('row', { name: department })).toContainText('01065221000');
  await looksRight(page, 'directory');

  await page.goto('/admin/matters');
  await page.getByRole('button', { name: 'Add a matter' }).click();
  const form = page.getByRole('dialog', { name: 'Add a matter' });
  await form.getByRole('textbox', { name: 'Matter' }).fill(matter);
  await form.getByRole('combobox', { name: 'Who answers for it' }).fill(department);
  await form.getByRole('combobox', { name: 'Who is asked' }).fill(department);
  await page.getByRole('option', { name: department }).or(page.getByTitle(department)).last().click();
  await form.getByRole('combobox', { name: 'Words' }).fill('电梯 困人 ');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  const row = page.getByRole('row', { name: matter });
  await expect(row).toContainText('困人');
  await looksRight(page, 'matters');
  await page.getByRole('button', { name: `Change ${matter}` }).click();
  await expect(page.getByRole('dialog', { name: `Change ${matter}` })).toBeVisible();
  await looksRight(page, 'matter');
  // An agent sees neither.
  await logIn(page, desk, 'agent');
  await page.goto('/admin/matters');
  await expect(page.getByRole('heading', { name: '没有权限查看此页面' })).toBeVisible();
});

test('calls are ordered, narrowed by flags, and taken out for a reason', async ({ page, desk, agentPhone }) => {
  // There is a call in the list.
  const caller = await call(desk.number);
  await agentPhone.sees('incoming');
  await caller.press('cancel');
  await logIn(page, desk, 'supervisor');
  await page.goto('/calls');
  // It rang; nobody talked, so it is in no list by the time of the talk.
  const rings = page.getByRole('columnheader', { name: '响铃' });
  await rings.getByRole('button').click();
  await expect(page).toHaveURL(/sort=ring&way=desc/);
  await expect(rings).toHaveAttribute('aria-sort', 'descending');
  await page.goto('/calls?flags=late,unclosed');
  await expect(page.getByRole('search')).toContainText('超时接听');
  await page.getByRole('button', { name: '导出' }).click();
  const dialog = page.getByRole('dialog', { name: '导出' });
  await dialog.getByRole('button', { name: '导出' }).click();
  await expect(dialog.getByText('请说明用途')).toBeVisible();
  await dialog.getByRole('textbox', { name: '用途' }).fill('月报');
  const [taken] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: '导出' }).click(),
  ]);
  expect(taken.suggestedFilename()).toBe('calls.csv');
  await expect(dialog).toBeHidden();
  await logIn(page, desk, 'agent');
  await page.goto('/calls');
  await expect(page.getByRole('heading', { name: '通话与录音' })).toBeVisible();
  await expect(page.getByRole('button', { name: '导出' })).toHaveCount(0);
});
