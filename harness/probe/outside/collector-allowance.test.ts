import { expect, test } from 'vitest';

import { collectorAllowance, isJvm } from './collector-allowance.ts';

test('a JVM is known by its library', () => {
  const maps = [
    '55d0c0a00000-55d0c0a01000 r-xp 00000000 fd:00 131 /usr/lib/jvm/java-17/bin/java',
    '7f1c3a000000-7f1c3b200000 r-xp 00000000 fd:00 132 /usr/lib/jvm/java-17/lib/server/libjvm.so',
    '7ffd1b5f0000-7ffd1b611000 rw-p 00000000 00:00 0 [stack]',
  ].join('\n');
  expect(isJvm(maps)).toBe(true);
  expect(isJvm(maps.replace('libjvm', 'libc'))).toBe(false);
});

test('other programs have none', () => {
  expect(collectorAllowance(process.pid)).toBe(0);
  expect(collectorAllowance(2 ** 30)).toBe(0);
});
