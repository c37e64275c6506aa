const BROWSERS = ['Edg', 'Firefox', 'Chrome', 'Safari'] as const;

const SYSTEMS = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS', 'Linux'] as const;

/** A browser and its system in two words, of what it sends about itself. */
export function programOf(userAgent: string | null | undefined): string | undefined {
  if (!userAgent) return undefined;
  const browser = BROWSERS.find((name) => userAgent.includes(`${name}/`));
  const system = SYSTEMS.find((name) => userAgent.includes(name));
  // What is no browser that we know is told by its first word.
  if (!browser) return userAgent.split(/[ /]/, 1)[0];
  const name = browser === 'Edg' ? 'Edge' : browser;
  return system ? `${name}, ${system}` : name;
}
