import { execFileSync } from 'node:child_process';

import { realToxiproxy } from './real-toxiproxy.ts';

/** Child processes in tests run compiled files: built once, before the first test. */
export function setup(): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}

/** One closing line that names what could not be tested here, and what adds it. */
export function teardown(): void {
  if (realToxiproxy !== undefined) return;
  process.stdout.write(
    '\nskipped: everything against the real Toxiproxy, which is not here; `npm run setup` adds it\n',
  );
}
