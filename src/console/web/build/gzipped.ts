import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';

/** Smaller files gain nothing. */
const WORTH_BYTES = 1024;

/** Lays a gzip beside each text file, so that the service compresses nothing while it serves. */
export function gzipped(): Plugin {
  return {
    name: 'gzipped',
    apply: 'build',
    // Of the files as they are on disk: other plugins change the chunks until then.
    writeBundle({ dir }, bundle) {
      if (dir === undefined) return;
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|svg|json)$/.test(name)) continue;
        const bytes = readFileSync(join(dir, name));
        if (bytes.length < WORTH_BYTES) continue;
        writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}
