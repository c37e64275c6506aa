const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size with two or three figures that count. */
export function bytes(size: number): string {
  let rest = size;
  let unit = 0;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : 1;
  return `${rest.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}
