import { execFileSync } from 'node:child_process';

/** Child processes in tests run compiled files: built once, before the first test. */
export function setup(): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
}
