import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fixturePath, NODE } from './fixtures/start-fixture.ts';

/** What is begun and not shown by a descriptor or by Node's own lists stays a doubt: the heap walk tells. */
const DOUBTED = ['watcher', 'worker', 'TLS over a stream'];

type Looked = { name: string; left: boolean; after: boolean };

test('the quick look doubts whatever is left, and nothing that has gone', async () => {
  const { stdout } = await promisify(execFile)(NODE, [fixturePath('quick-look.mjs')], {
    env: { ...process.env, NODE_V8_COVERAGE: '' },
  });
  const looked = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Looked);
  expect(looked).toHaveLength(19);
  for (const { name, left, after } of looked) {
    const isLeft = !['nothing', 'traffic', 'timers that came and went'].includes(name);
    expect({ name, left, after }).toEqual({ name, left: isLeft, after: DOUBTED.includes(name) });
  }
});
