/** How fast a recording can be heard. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** The next speed up or down; the last one stays. */
export function nextSpeed(speed: number, step: 1 | -1): number {
  const place = SPEEDS.findIndex((known) => known === speed);
  return SPEEDS[place + step] ?? speed;
}
