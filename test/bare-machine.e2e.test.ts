import { chmod, chown, mkdir } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { latestReport, temporaryFolder } from './command-line.ts';
import { hide, inside, MAIN } from './lacking-machine.ts';
import { labTest, obstacle } from './namespaces.ts';

let out: string;
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder: out, done } = await temporaryFolder());
});
afterEach(() => done());

/** Cases, one for each kind of need. */
const CASES = {
  plain: 'lifecycle/close-unused[by=client]',
  link: 'faults/link-reset[on=upstream]',
  reset: 'kernel/client-lost[family=ipv4,error=firewall-reset]',
  vanishes: 'kernel/client-lost[family=ipv6,error=vanishes]',
  route: 'kernel/upstream-unreachable[family=ipv4,as=host]',
  rate: 'kernel/loss[lost=upstream-rate]',
  silent: 'kernel/upstream-silent[family=ipv4,first=kernel]',
  silent6: 'kernel/upstream-silent[family=ipv6,first=kernel]',
  anywhere: 'kernel/upstream-silent-anywhere',
  name: 'kernel/happy-eyeballs[dead=refused]',
  cable: 'kernel/cable-connecting[cut=far-end]',
  descriptors: 'kernel/descriptors-exhausted[left=1]',
  aborted: 'kernel/upstream-lost[family=ipv4,error=aborted]',
  forwarded: 'nftables/forwarded[network=single]',
} as const;

type Name = keyof typeof CASES;

/** Outcome of a case: skipped for want of something, or the fidelity of its faults. */
type Outcome = string;

const run = (options = ''): string =>
  `${MAIN} run --out ${out} ${Object.values(CASES)
    .map((id) => `--case '${id}'`)
    .join(' ')} ${options}`;

/** Runs the cases on a machine that lacks something; none may fail, and each that is skipped says for want of what. */
async function outcomes(flags: string, script: string): Promise<Partial<Record<Name, Outcome>>> {
  const { exitCode, all } = await inside(flags, script);
  const { results, counts }: RunReport = await latestReport(out);
  expect(counts, all).toMatchObject({ failed: 0, flaky: 0, error: 0 });
  expect(exitCode, all).toBe(0);
  const entries = Object.entries(CASES).map(([name, id]): [string, Outcome] => {
    const result = results.find((one) => one.id === id);
    if (result === undefined) throw new Error(`${id} was not run`);
    if (result.verdict !== 'skipped') return [name, result.fidelity ?? 'without a fault'];
    // a lab that was chosen by name is no want of the machine
    if (script.includes('--lab') && result.want === undefined) return [name, 'not asked for'];
    expect(result.want?.fix, id).toBeTruthy();
    return [name, `no ${result.want?.what}`];
  });
  return Object.fromEntries(entries);
}

/** Every kernel fault without a network of its own. */
const NO_NAMESPACES = {
  plain: 'without a fault',
  link: 'toxiproxy',
  reset: 'simulated',
  vanishes: 'simulated',
  route: 'simulated',
  rate: 'no network namespaces',
  anywhere: 'wire',
  silent: 'no network namespaces',
  silent6: 'no network namespaces',
  name: 'no network namespaces',
  cable: 'no network namespaces',
  forwarded: 'no network namespaces',
};

describe('a machine that lacks something runs what it can, and nothing fails', () => {
  labTest('without nft: tc and routes take its place', async () => {
    expect(await outcomes('-Urm', `${hide('nft')}; ${run()}`)).toEqual({
      plain: 'without a fault',
      link: 'toxiproxy',
      reset: 'simulated',
      vanishes: 'kernel',
      route: 'kernel',
      rate: 'no nft',
      anywhere: 'kernel',
      silent: 'kernel',
      silent6: 'kernel',
      name: 'kernel',
      cable: 'kernel',
      descriptors: 'kernel',
      aborted: 'kernel',
      forwarded: 'no nft',
    });
  });

  labTest('with `ip` only: what no route can do is of a lower fidelity', async () => {
    expect(await outcomes('-Urm', `${hide('nft', 'tc', 'ss')}; ${run()}`)).toMatchObject({
      vanishes: 'simulated',
      route: 'kernel',
      anywhere: 'wire',
      silent: 'wire',
      silent6: 'wire',
      cable: 'kernel',
      aborted: 'simulated',
      rate: 'no nft',
    });
  });

  labTest('without iproute2 there are no namespaces', async () => {
    expect(await outcomes('-Urm', `${hide('ip', 'tc', 'ss', 'nft')}; ${run()}`)).toMatchObject({
      ...NO_NAMESPACES,
      forwarded: 'no nft',
    });
  });

  labTest('no user namespaces', async () => {
    const script = `echo 0 > /proc/sys/user/max_user_namespaces; ${run()}`;
    expect(await outcomes('-Ur', script)).toMatchObject({
      ...NO_NAMESPACES,
      forwarded: expect.stringMatching(/^no n/),
    });
  });

  labTest('/proc is masked in part', async () => {
    const script = `mount --bind /dev/null /proc/meminfo; ${run()}`;
    expect(await outcomes('-Urm --pid --fork --mount-proc', script)).toMatchObject({
      plain: 'without a fault',
      reset: 'simulated',
      cable: 'no network namespaces',
    });
  });

  labTest('no /proc', async () => {
    const script = `mount -t tmpfs none /proc; ${run()}`;
    expect(await outcomes('-Urm --pid --fork', script)).toMatchObject({
      plain: 'without a fault',
      reset: 'simulated',
      descriptors: 'no prlimit and /proc',
    });
  });

  labTest.each([
    ['is switched off', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link set lo up'],
    ['has no loopback address', 'ip link set lo up; ip -6 address del ::1/128 dev lo'],
  ])('IPv6 %s, and the lab is the machine itself', async (_, before) => {
    expect(await outcomes('-Urn', `${before}; ${run('--lab none')}`)).toMatchObject({
      plain: 'without a fault',
      vanishes: 'no IPv6',
      anywhere: 'wire',
      silent: 'not asked for',
    });
  });
});

/** Root of the machine, not of a namespace with one user. */
const isRoot =
  process.getuid?.() === 0 && /^\s*0\s+0\s+[2-9]\d+/.test(readFileSync('/proc/self/uid_map', 'utf8'));

test.skipIf(!isRoot || obstacle !== undefined)(
  `another uid, which may not write into the package${isRoot ? '' : ' (skipped: only root can become nobody)'}`,
  async () => {
    const NOBODY = 65_534;
    const home = path.join(out, 'home');
    await mkdir(home);
    await chmod(out, 0o755);
    for (const folder of [out, home]) await chown(folder, NOBODY, NOBODY);
    const folder = path.resolve('.');
    const readOnly = `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`;
    const nobody = `setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups env HOME=${home} TMPDIR=${home}`;
    const script = `${readOnly} && ${hide('nft')} && cd ${home} && ${nobody} ${run()}`;
    expect(await outcomes('-m', script)).toMatchObject({
      plain: 'without a fault',
      silent: 'kernel',
      cable: 'kernel',
    });
  },
);

labTest(
  'where all must be there, what is missing is an error of the lab that says how to add it',
  async () => {
    const script = `${hide('nft')}; ${MAIN} run --out ${out} --case '${CASES.rate}' --case '${CASES.plain}'`;
    const { exitCode, all } = await inside('-Urm', script, { LASTFIN_REQUIRE_ALL: '1' });
    expect(exitCode).toBe(3);
    expect(all).toContain('LASTFIN_REQUIRE_ALL=1');
    expect(all).toContain('install the package nftables');
    expect((await latestReport(out)).counts).toMatchObject({ passed: 1, error: 1 });
  },
);

labTest('a real Toxiproxy that is not here is a skip that says how to get one', async () => {
  const built = path.resolve('node_modules/.bin/toxiproxy-server');
  const script = `${hide('toxiproxy-server')}; [ ! -e ${built} ] || mount --bind /dev/null ${built}; ${MAIN} run --toxiproxy real --out ${out} --case '${CASES.link}'`;
  const { exitCode, all } = await inside('-Urm', script, { LASTFIN_TOXIPROXY_BIN: '' });
  expect(exitCode, all).toBe(0);
  const [result] = (await latestReport(out)).results;
  expect(result).toMatchObject({ verdict: 'skipped', want: { what: 'the real Toxiproxy' } });
  expect(result?.want?.fix).toContain('npm run setup');
});
