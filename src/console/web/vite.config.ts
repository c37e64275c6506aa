import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { gzipped } from './build/gzipped.ts';

// What the service serves: hashed files under assets/, each with its gzip beside it.
export default defineConfig({
  plugins: [react(), gzipped()],
  build: {
    outDir: process.env.CONSOLE_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Data URLs are no files from here, and the content security policy takes only those.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
  },
  server: {
    // For work on screens against a service that runs: npm run dev.
    proxy: {
      '/api': {
        target: process.env.THIRDRING_URL ?? 'http://127.0.0.1:8080',
        // The service compares where a page comes from with the host that is asked.
        changeOrigin: false,
      },
    },
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
});
