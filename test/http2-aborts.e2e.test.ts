import { execa } from 'execa';
import { expect, test } from 'vitest';

// Node aborts where it destroys such a session itself, at the next garbage collection
test.each([
  ['client', 'leaves'],
  ['client', 'stop'],
  ['upstream', 'leaves'],
  ['upstream', 'stop'],
])(
  'HTTP/2: a peer (%s) that has sent half a head and reads nothing does not abort the proxy: %s',
  async (peer, how) => {
    const args = ['--expose-gc', 'test/programs/half-heads.mjs', peer, how];
    const { all, exitCode } = await execa(process.execPath, args, {
      all: true,
      reject: false,
      timeout: 60_000,
    });
    expect({ all, exitCode }).toEqual({ all: 'alive', exitCode: 0 });
  },
);
