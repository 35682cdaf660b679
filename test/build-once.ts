import { execFileSync } from 'node:child_process';

import { namespaceObstacle } from '../harness/lab/namespace.ts';
import { hasPython } from './python.ts';
import { realToxiproxy } from './real-toxiproxy.ts';

/** Child processes in tests run compiled files: built once, before the first test. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** A closing line for each thing that could not be tested here, with what adds it. */
export async function teardown(): Promise<void> {
  const obstacle = await namespaceObstacle();
  const skipped = [
    ...(obstacle === undefined
      ? []
      : [`everything in network namespaces: ${obstacle.why}; to mend it: ${obstacle.mend}`]),
    ...(realToxiproxy === undefined
      ? ['everything against the real Toxiproxy, which is not here; `npm run setup` adds it']
      : []),
    ...(hasPython ? [] : ['targets in Python: no python3 here']),
  ];
  for (const what of skipped) process.stdout.write(`\nskipped: ${what}\n`);
}
