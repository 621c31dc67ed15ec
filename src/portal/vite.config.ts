import { defineConfig } from 'vite';

/** Builds the portal into dist/portal, from where the service serves it under /portal/. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/portal/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/portal',
    emptyOutDir: true,
    target: 'es2022',
    // What the first page loads is measured by it: test/contract/portal-size.test.ts.
    manifest: true,
    // What is bundled loses its own files, and its licences ask to go with every copy.
    license: { fileName: 'third-party-licences.md' },
    // Every browser that the portal supports preloads modules itself.
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
