import { execFileSync } from 'node:child_process';

import { namespaceObstacle } from '../harness/lab/namespace.ts';
import { realToxiproxy } from './real-toxiproxy.ts';

/** Child processes in tests run compiled files: built once, before the first test. */
export function setup(): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}

/** A closing line for each thing that names what could not be tested here, and what adds it. */
export async function teardown(): Promise<void> {
  const obstacle = await namespaceObstacle();
  if (obstacle !== undefined) {
    const { why, mend } = obstacle;
    process.stdout.write(`\nskipped: everything in network namespaces: ${why}; to mend it: ${mend}\n`);
  }
  if (realToxiproxy !== undefined) return;
  process.stdout.write(
    '\nskipped: everything against the real Toxiproxy, which is not here; `npm run setup` adds it\n',
  );
}
