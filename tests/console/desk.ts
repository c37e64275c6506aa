import { test as base, expect, type Page } from '@playwright/test';

const STAGE = process.env.THIRDRING_STAGE ?? '';

export type Role =
  | 'agent'
  | 'trainee'
  | 'lead'
  | 'supervisor'
  | 'qa'
  | 'handler'
  | 'manager'
  | 'auditor'
  | 'admin'
  | 'ops';

/** A desk of the spec's own: an agent's phone, a line that only this agent answers, and people. */
export interface Desk {
  extension: string;
  name: string;
  line: string;
  number: string;
  password: string;
  users: Record<Role, string>;
}

/** Three who answer in turn, from the beginning of the list, and a lead with a phone of their own. */
export interface Team {
  /** The name of its queue, and of its line. */
  queue: string;
  number: string;
  extensions: [string, string, string];
  lead: string;
  password: string;
  users: Record<'agent' | 'colleague' | 'lead', string>;
}

async function ask(path: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${STAGE}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response;
}

/** A desk that nobody else has. */
export async function openDesk(): Promise<Desk> {
  const response = await ask('/desks', null);
  return (await response.json()) as Desk;
}

/** Starts a demo as a newcomer does: where it says its console is, and its people's password. */
export async function openDemo(): Promise<{ url: string; password: string }> {
  const response = await ask('/demos', null);
  return (await response.json()) as { url: string; password: string };
}

/** Gives the site so many calls beside those that were made. */
export async function writeHistory(calls: number): Promise<void> {
  await ask('/history', calls);
}

/** What a phone can be told, and what can be seen at it. */
export type Button = 'answer' | 'reject' | 'cancel' | 'hang_up' | 'hold' | 'resume';
export type Sight = 'incoming' | 'ringing' | 'answered' | 'rejected' | 'ended';

/** A phone around the service. */
export class Phone {
  constructor(readonly name: string) {}

  async press(press: Button): Promise<void> {
    await ask(`/phones/${this.name}/press`, { press });
  }

  /** Presses a key of the keypad. */
  async key(key: string): Promise<void> {
    await ask(`/phones/${this.name}/press`, { press: 'key', key });
  }

  /** Waits until it has seen this, now or before. */
  async sees(sight: Sight): Promise<void> {
    await ask(`/phones/${this.name}/sees`, sight);
  }
}

let callers = 0;

/** Somebody outside who calls a number. */
export async function call(to: string, { from = '13800138000', name }: { from?: string; name?: string } = {}): Promise<Phone> {
  callers += 1;
  const phone = `caller-${process.pid}-${callers}`;
  await ask('/callers', { phone, from, name, to });
  return new Phone(phone);
}

/** Somebody whose call has a text in every header that can have one; `from` is nobody else's. */
export async function forge(to: string, from: string, text: string): Promise<{ cancel: () => Promise<unknown> }> {
  await ask('/forgeries', { from, to, text });
  return { cancel: () => ask(`/forgeries/${from}/cancel`, null) };
}

/** Logs somebody in without the log-in page. */
export async function logIn<R extends string>(
  page: Page,
  { users, password }: { users: Record<R, string>; password: string },
  role: R,
): Promise<void> {
  const answer = await page.request.post('/api/v1/session', { data: { name: users[role], password } });
  expect(answer.status(), await answer.text()).toBe(200);
}

/** Goes to an address within the console, as its own links do: nothing is loaded that is there. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate((path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, path);
}

/** What must not happen on any page, whatever it shows. */
export async function watch(page: Page, faults: string[]): Promise<void> {
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeBinding('reportViolation', (_, what: string) => void faults.push(what));
  await page.addInitScript(() => {
    const report = (globalThis as unknown as { reportViolation: (what: string) => void }).reportViolation;
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile }) =>
      report(`policy: ${effectiveDirective} ${blockedURI} in ${sourceFile}`),
    );
  });
}

interface Fixtures {
  desk: Desk;
  team: Team;
  agentPhone: Phone;
  faults: string[];
}

/**
 * The test of Playwright's, with a desk of its own; it fails where a page broke or broke its policy.
 * Who only looks takes the people of a `house`, whom others of the same worker are as well.
 */
export const test = base.extend<Fixtures, { house: Desk }>({
  // Playwright wants the pattern, though there is nothing to take.
  // eslint-disable-next-line no-empty-pattern
  house: [async ({}, use) => use(await openDesk()), { scope: 'worker' }],
  // eslint-disable-next-line no-empty-pattern
  desk: async ({}, use) => use(await openDesk()),
  // eslint-disable-next-line no-empty-pattern
  team: async ({}, use) => {
    const response = await ask('/teams', null);
    await use((await response.json()) as Team);
  },
  agentPhone: async ({ desk }, use) => {
    await use(new Phone(desk.extension));
  },
  faults: [
    async ({ page }, use) => {
      const faults: string[] = [];
      await watch(page, faults);
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
