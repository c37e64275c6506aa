/** One zoom level of a recording's peaks: the greatest deviation in each stretch, 0 to 1, by channel. */
export interface Level {
  /** Milliseconds of a stretch. */
  stretchMs: number;
  /** What the caller sent, and what the caller was sent. */
  channels: readonly Float32Array[];
}

const HEADER = 24;
const CHANNELS = 2;
const EIGHT_BITS = 1;

/**
 * Reads a file of peaks: documents of BBC audiowaveform's form, version 2, one behind the other, the
 * finest level first. What is none ends the file.
 */
export function readPeaks(file: ArrayBuffer): Level[] {
  const view = new DataView(file);
  const levels: Level[] = [];
  let at = 0;
  while (at + HEADER <= view.byteLength) {
    const [version, flags, rate, samples, length, channels] = [0, 4, 8, 12, 16, 20].map((field) =>
      view.getUint32(at + field, true),
    ) as [number, number, number, number, number, number];
    const size = length * channels * 2;
    const isKnown = version === 2 && (flags & EIGHT_BITS) === 1 && channels === CHANNELS && rate > 0;
    if (!isKnown || at + HEADER + size > view.byteLength) break;
    const values = new Int8Array(file, at + HEADER, size);
    const both = [0, 1].map((channel) => deviations(values, channel, length));
    levels.push({ stretchMs: (samples * 1000) / rate, channels: both });
    at += HEADER + size;
  }
  return levels;
}

function deviations(values: Int8Array, channel: number, length: number): Float32Array {
  const greatest = new Float32Array(length);
  for (let n = 0; n < length; n++) {
    const place = n * CHANNELS * 2 + channel * 2;
    greatest[n] = Math.max(Math.abs(values[place] ?? 0), Math.abs(values[place + 1] ?? 0)) / 128;
  }
  return greatest;
}

/** The level to draw at this width: the coarsest that still has a stretch for each pixel. */
export function levelFor(levels: readonly Level[], width: number): Level | undefined {
  const fine = levels.filter(({ channels }) => (channels[0]?.length ?? 0) >= width);
  return fine.at(-1) ?? levels[0];
}

/** So much may quiet voices be drawn larger. */
const LARGEST = 6;

/** What the peaks are to be multiplied by, so that the loudest of either side fills its height. */
export function scaleOf({ channels }: Level): number {
  let loudest = 0;
  for (const channel of channels) for (const value of channel) loudest = Math.max(loudest, value);
  return loudest > 0 ? Math.min(LARGEST, 1 / loudest) : 1;
}
