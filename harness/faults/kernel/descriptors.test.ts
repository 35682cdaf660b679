import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { exhaustDescriptors } from './descriptors.ts';

const onLinux = process.platform === 'linux';
if (!onLinux) console.warn('skipped: descriptors are read from /proc');

/** Closes a descriptor in the middle of its own, says so, and opens it again 100 ms later without having rested. */
const PROGRAM = `
  const fs = require('node:fs');
  const [gap] = [fs.openSync('/'), fs.openSync('/')];
  setTimeout(() => {
    fs.closeSync(gap);
    fs.writeSync(1, 'gap');
    for (const end = Date.now() + 100; Date.now() < end; );
    try {
      fs.openSync('/');
      fs.writeSync(1, 'closed again');
    } catch ({ code }) {
      fs.writeSync(1, code);
    }
    setInterval(() => {}, 1e6);
  }, 50);
`;

const softLimit = (pid: number): number =>
  Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);

/** The lowest number that is free. */
function lowestFree(pid: number): number {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  for (let fd = 0; ; fd++) if (!used.has(fd)) return fd;
}

test.runIf(onLinux || process.env['LASTFIN_REQUIRE_ALL'] === '1')(
  'a gap that a process has for a moment is none: its limit is above all that it has',
  async () => {
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = child.pid ?? 0;
    try {
      await once(child.stdout, 'data');
      const before = softLimit(pid);
      const said = once(child.stdout, 'data');
      const heal = await exhaustDescriptors(pid, 0);
      expect(String(await said)).toBe('closed again');
      expect(softLimit(pid)).toBe(lowestFree(pid));
      await heal();
      expect(softLimit(pid)).toBe(before);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  },
);
