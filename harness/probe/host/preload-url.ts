import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { failure } from './target-process.ts';

/** URL of a compiled preload; from the TypeScript sources (tests) it is the one that `npm run build` made. */
export function preloadUrl(name: string): string {
  const here = import.meta.url;
  const folder = here.endsWith('.ts') ? '../../../dist/harness/probe/' : '../';
  const url = new URL(`${folder}${name}.js`, here);
  if (!existsSync(fileURLToPath(url))) {
    throw failure(`the probe is not built: ${fileURLToPath(url)} is missing; run npm run build`);
  }
  return url.href;
}
