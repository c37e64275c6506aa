import { mkdirSync } from 'node:fs';

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const FOLDER = process.env.THIRDRING_SCREENSHOTS;
const LANGUAGES = ['zh-CN', 'en'] as const;
const THEMES = ['light', 'dark'] as const;
/** The theme turns as seldom as can be: all colours change with it. */
const LOOKS = [
  ['zh-CN', 'light'],
  ['zh-CN', 'dark'],
  ['en', 'dark'],
  ['en', 'light'],
] as const;

/** Has the page turn to a language and a theme, as it does when another tab of the user's does. */
export async function turn(page: Page, language: (typeof LANGUAGES)[number], theme: (typeof THEMES)[number]): Promise<void> {
  await page.evaluate(
    ([language, theme]) => {
      const user = localStorage.getItem('thirdring.last-user') ?? '';
      const key = `thirdring.preferences.${user}`;
      localStorage.setItem(key, JSON.stringify({ language, theme }));
      dispatchEvent(new StorageEvent('storage', { key }));
    },
    [language, theme] as const,
  );
  await expect(page.locator('html')).toHaveAttribute('lang', language);
  await expect(page.locator(`#root > .${theme}`)).toBeVisible();
}

/**
 * Looks at a screen in both languages and themes: axe must find nothing, and `make screenshots`
 * keeps a picture of each.
 */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const [language, theme] of LOOKS) {
    await turn(page, language, theme);
    let found = await faultsOf(page);
    // A call goes on meanwhile: what was looked at as it changed is looked at again.
    for (let looks = 1; found.length > 0 && looks < 3; looks += 1) found = await faultsOf(page);
    expect(found, `${name} in ${language}, ${theme}`).toEqual([]);
    if (FOLDER !== undefined) {
      mkdirSync(FOLDER, { recursive: true });
      await page.screenshot({ path: `${FOLDER}/${name}.${language}.${theme}.png` });
    }
  }
}

/** What axe finds on the page as soon as it stands still. */
async function faultsOf(page: Page): Promise<{ id: string; where: string[] }[]> {
  await settled(page);
  // What has axe already need not be given it again, which takes longer than to run it.
  const hasAxe = await page.evaluate(() => 'axe' in globalThis);
  const builder = new AxeBuilder(hasAxe ? { page, axeSource: ';' } : { page });
  // There is no frame of somebody else's: it need not be put together in a page of its own. Nor are
  // styles copied for a rule on turned screens, which the page's policy would refuse. What is in
  // order need not be told.
  const axe = builder.setLegacyMode().options({ preload: false, resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => ({
    id,
    where: nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`),
  }));
}

/** Until nothing moves any more: a colour on its way has no contrast of its own. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const endsByItself = (one: Animation) => one.effect?.getComputedTiming().iterations !== Infinity;
    const drawn = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    // What has just been told the page may begin to move with the next picture only.
    for (await drawn(); ; await drawn()) {
      const running = document.getAnimations().filter(endsByItself);
      if (running.length === 0) return;
      await Promise.allSettled(running.map((one) => one.finished));
    }
  });
}
