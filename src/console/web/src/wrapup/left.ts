import { lengthOf } from '../time/format';

/** From here on the time is nearly up. */
const SHORT_MS = 10_000;

/** The time that is left, told so that 0:00 is when it is over, and not a second earlier. */
export function leftOf(ms: number): string {
  return lengthOf(Math.ceil(ms / 1000) * 1000);
}

export const isShort = (ms: number) => ms <= SHORT_MS;
