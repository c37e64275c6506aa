const KEY = 'thirdring.kiosk-token';

/**
 * The token of this wall's browser: the one behind the address's `#`, which no server is told, or
 * the one that it was opened with before. It goes from the address at once.
 */
export function tokenOf(location: Location, history: History, storage: Storage): string | undefined {
  const given = location.hash.slice(1).trim();
  if (given !== '') {
    keepToken(given, storage);
    history.replaceState(null, '', location.pathname);
    return given;
  }
  return storage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string, storage: Storage): void {
  try {
    storage.setItem(KEY, token);
  } catch {
    // A browser that keeps nothing is opened with the token each time.
  }
}
