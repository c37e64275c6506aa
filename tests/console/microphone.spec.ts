import { expect, logIn, test } from './desk';
import { looksRight } from './screens';

// The microphone beeps, and nobody has allowed it yet.
test('a prompt is recorded, listened to and kept', async ({ page, desk, context }) => {
  await logIn(page, desk, 'admin');
  await page.goto('/admin/prompts');
  await page.getByRole('button', { name: '录制' }).click();
  const dialog = page.getByRole('dialog', { name: '录制' });
  await dialog.getByRole('button', { name: '开始录制' }).click();
  await expect(dialog.getByRole('alert')).toContainText('浏览器没有允许使用麦克风');
  await looksRight(page, 'microphone-refused');
  await context.grantPermissions(['microphone']);
  const recorder = page.getByRole('dialog', { name: 'Record' });
  await recorder.getByRole('button', { name: 'Begin' }).click();
  // It hears the beep.
  await expect(recorder.getByRole('meter')).not.toHaveAttribute('aria-valuenow', '0');
  await expect(recorder.getByText(/Recording: (?!0:00)/)).toBeVisible();
  await recorder.getByRole('button', { name: 'Stop' }).click();
  const sound = recorder.getByLabel('What was recorded');
  await expect(sound).toBeVisible();
  // The browser itself can play it.
  await expect.poll(() => sound.evaluate((audio: HTMLAudioElement) => audio.duration)).toBeGreaterThan(1);
  await looksRight(page, 'prompt-recorded');
  const name = `录音-${desk.line}`;
  await recorder.getByRole('textbox', { name: 'Name' }).fill(name);
  await recorder.getByRole('button', { name: 'Keep it' }).click();
  await expect(recorder).toBeHidden();
  // By its name, and by the player beside it.
  await expect(page.getByRole('cell', { name: `${name}.wav`, exact: true }).first()).toBeVisible();
});
