import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { fixturePath, NODE } from '../../fixtures/start-fixture.ts';
import type { Left } from './quick-look.ts';

const NOTHING = ['nothing', 'traffic', 'timers that came and went'];
/** Leaks that neither descriptors nor hooks reveal, only a heap walk. */
const UNKNOWN = [
  'accepted socket that is unref',
  'socket in an agent that came later',
  'datagram socket',
  'watcher',
  'worker',
  'TLS over a stream',
];
/** Things without a descriptor, which stay in doubt. */
const STAYS = ['watcher', 'worker', 'TLS over a stream'];

type Looked = { name: string; left: Left; found: string[]; walked: string[]; after: Left };

test('the quick look doubts whatever is left, and nothing that has gone; without a heap walk the same is found', async () => {
  const { stdout } = await promisify(execFile)(NODE, [fixturePath('quick-look.mjs')], {
    env: { ...process.env, NODE_V8_COVERAGE: '' },
  });
  const looked = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Looked);
  expect(looked).toHaveLength(23);
  for (const { name, left, found, walked, after } of looked) {
    const isLeft = !NOTHING.includes(name);
    expect({ name, left, after }).toEqual({
      name,
      left: isLeft ? (UNKNOWN.includes(name) ? 'unknown' : 'known') : 'nothing',
      after: STAYS.includes(name) ? 'unknown' : 'nothing',
    });
    expect({ name, found }).toEqual({ name, found: walked });
    expect({ name, isFound: found.length > 0 }).toEqual({ name, isFound: isLeft });
  }
});
