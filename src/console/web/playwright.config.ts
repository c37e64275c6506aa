import { defineConfig } from '@playwright/test';

/** What takes milliseconds on an idle machine may take so long on a busy one. */
const PATIENCE_MS = 30_000;

const isMeasured = process.env.THIRDRING_MEASURE !== undefined;

// Run by `cargo test --test console`, which has the service and the phones up.
export default defineConfig({
  testDir: '../../../tests/console',
  testMatch: isMeasured ? '*.measure.ts' : '*.spec.ts',
  outputDir: '../../../target/console-results',
  fullyParallel: true,
  // A browser and the service take two cores: more of them wait for each other.
  workers: isMeasured ? 1 : 2,
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
  // A story looks at several screens, each in both languages and themes.
  timeout: 10 * PATIENCE_MS,
  expect: { timeout: PATIENCE_MS },
  use: {
    baseURL: process.env.THIRDRING_CONSOLE_URL ?? 'http://127.0.0.1:8080',
    actionTimeout: PATIENCE_MS,
    viewport: { width: 1280, height: 800 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      // Its sandbox needs what root in a container does not have.
      // What would be a graphics card's work is left out, and who asks for a microphone gets one
      // that beeps.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--use-fake-device-for-media-stream'],
    },
    // Nothing is waited for that only moves.
    contextOptions: { reducedMotion: 'reduce' },
    // To follow each step costs as much again as the steps.
    trace: process.env.THIRDRING_TRACE === undefined ? 'off' : 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
