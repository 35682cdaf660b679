import { expect, test } from 'vitest';

import { lastfin } from './command-line.ts';
import { hide, inside, MAIN } from './lacking-machine.ts';
import { labTest, obstacle } from './namespaces.ts';

test('doctor says what this machine can do', async () => {
  const { exitCode, all } = await lastfin(['doctor']);
  expect(all).toContain(process.version);
  expect(exitCode).toBe(obstacle === undefined ? 0 : 1);
  expect(all).toContain(obstacle === undefined ? 'uid' : obstacle.fix);
});

const RUN = `${MAIN} run --case 'lifecycle/close-unused[by=client]'`;

/** Real machines that lack something, made from namespaces within namespaces. */
const LACKING = [
  {
    what: 'user namespaces are used up',
    flags: '-Ur',
    before: 'echo 0 > /proc/sys/user/max_user_namespaces',
    fix: 'user.max_user_namespaces',
  },
  { what: 'user namespaces are refused', flags: '-U', before: 'true', fix: 'seccomp=unconfined' },
  {
    what: '/proc is masked',
    flags: '-Urm --pid --fork --mount-proc',
    before: 'mount --bind /dev/null /proc/meminfo',
    fix: 'systempaths=unconfined',
  },
  {
    what: 'iproute2 is not installed',
    flags: '-Urm',
    before: hide('ip'),
    fix: 'install the packages iproute2',
  },
];

labTest.each(LACKING)('$what: doctor says what to change', async ({ flags, before, fix }) => {
  const { exitCode, all } = await inside(flags, `${before}; ${MAIN} doctor`);
  expect(all).toContain(fix);
  expect(exitCode).toBe(1);
});

labTest('nft is not installed: doctor says what that costs', async () => {
  const { exitCode, all } = await inside('-Urm', `${hide('nft')}; ${MAIN} doctor`);
  expect(exitCode).toBe(0);
  expect(all).toContain('to fix it: install the package nftables');
  expect(all).toContain('without it: `firewall-reset`');
  expect(all).toMatch(/of \d+ cases run here, \d+ of them with a simulated fault/);
  expect(all).toMatch(/\d+ cases are skipped for want of nft/);
});

labTest.each(LACKING.slice(0, 1))(
  '$what: the run falls back to none, and says why',
  async ({ flags, before, fix }) => {
    const { all } = await inside(flags, `${before}; ip link set lo up; ${RUN} --out $(mktemp -d)`);
    expect(all).toContain('(--lab none)');
    expect(all).toContain(fix);
    expect(all).toContain('1 case: 1 passed');
  },
);

labTest('a lab that was asked for by name and cannot be had is an error', async () => {
  const [{ flags, before, fix } = { flags: '', before: '', fix: '' }] = LACKING;
  const { exitCode, all } = await inside(
    `${flags} --net`,
    `${before}; ${RUN} --lab single --out $(mktemp -d)`,
  );
  expect(exitCode).toBe(3);
  expect(all).toContain(fix);
});

test('a Toxiproxy elsewhere and a namespace do not go together', async () => {
  const elsewhere = [
    'run',
    '--toxiproxy',
    'http://127.0.0.1:8474',
    '--case',
    'lifecycle/close-unused[by=client]',
  ];
  const { exitCode, all } = await lastfin([...elsewhere, '--lab', 'single']);
  expect(exitCode).toBe(2);
  expect(all).toContain('--lab none');
});
