import { describe, expect, it } from 'vitest';

import { keepPreferences, lastUser, preferencesOf } from './store';

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    clear: () => kept.clear(),
    getItem: (key) => kept.get(key) ?? null,
    key: (n) => [...kept.keys()][n] ?? null,
    removeItem: (key) => void kept.delete(key),
    setItem: (key, value) => void kept.set(key, value),
  };
}

describe('preferences', () => {
  it('are kept for each user', () => {
    const browser = storage();
    keepPreferences('li.na', { language: 'en', theme: 'dark' }, browser);
    keepPreferences('wang', { language: 'zh-CN', theme: 'light' }, browser);
    expect(preferencesOf('li.na', browser)).toEqual({ language: 'en', theme: 'dark' });
    expect(preferencesOf('wang', browser)).toEqual({ language: 'zh-CN', theme: 'light' });
    expect(lastUser(browser)).toBe('wang');
  });

  it('begin in Chinese, in the colours of the system, also when what was kept is damaged', () => {
    const browser = storage();
    const first = { language: 'zh-CN', theme: 'system' };
    expect(preferencesOf('', browser)).toEqual(first);
    for (const damaged of ['{', '[]', 'null', '{"language":"xx","theme":7}']) {
      browser.setItem('thirdring.preferences.li.na', damaged);
      expect(preferencesOf('li.na', browser)).toEqual(first);
    }
  });
});
