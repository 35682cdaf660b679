import { existsSync } from 'node:fs';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { Blackhole } from '../../lab/network/blackhole.ts';
import { Ports } from '../../lab/network/ports.ts';
import { pendingConnects } from './pending-connects.ts';

const linux = existsSync('/proc/self/net/tcp');

/** Opens two connections that get no answer, and keeps them. */
const CONNECTS = `
  for (let i = 0; i < 2; i++) require('node:net').connect(Number(process.argv[1]), '127.0.0.1').on('error', () => {});
  console.log('connecting');
`;

test.runIf(linux)('counts the connects of another process, not those of our own', async () => {
  const address = { host: '127.0.0.1', port: await new Ports().take() };
  const hole = await Blackhole.open(address);
  try {
    // the blackhole keeps a connect of this process pending to be sure that its queue is full
    expect(pendingConnects(process.pid, address.port)).toBe(0);
    const other = execa('node', ['-e', CONNECTS, String(address.port)]);
    await expect.poll(() => pendingConnects(process.pid, address.port), { timeout: 10_000 }).toBe(2);
    expect(pendingConnects(process.pid, address.port + 1)).toBe(0);
    other.kill('SIGKILL');
    await other.catch(() => undefined);
    await expect.poll(() => pendingConnects(process.pid, address.port), { timeout: 10_000 }).toBe(0);
  } finally {
    await hole.close();
  }
});

test('is unknown for a process that is not there', () => {
  expect(pendingConnects(2 ** 30, 1)).toBeUndefined();
});
