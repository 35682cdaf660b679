import { execFileSync } from 'node:child_process';

import { namespaceObstacle } from '../harness/lab/network/namespace.ts';
import { missing } from './optional.ts';

/** Child processes in tests run compiled files: built once, before the first test. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Prints a closing line that names everything that could not be tested here, and how to add it. */
export async function teardown(): Promise<void> {
  const obstacle = await namespaceObstacle();
  const all = [
    ...(obstacle === undefined ? [] : [`network namespaces (${obstacle.why}; ${obstacle.fix})`]),
    ...missing(),
  ];
  if (all.length === 0) return;
  process.stdout.write(
    `\nnot tested here for want of: ${all.join(', ')}; \`npm run setup\` adds what it can\n`,
  );
}
