import { expect, logIn, test } from './desk';
import { looksRight } from './screens';

test('the parts of the service are shown with what to do', async ({ page, house }) => {
  await logIn(page, house, 'ops');
  await page.goto('/admin/health');
  await expect(page.getByText('数据库', { exact: true })).toBeVisible();
  await expect(page.getByText('可用空间').first()).toBeVisible();
  await looksRight(page, 'health');
});
