import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { expect } from 'vitest';

import { judge, readJournal } from '../index.ts';
import { until } from '../bench/marked-processes.ts';
import { processTree } from '../harness/probe/outside/process-tree.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import { hide, inside, MAIN } from './lacking-machine.ts';
import { labTest } from './namespaces.ts';
import { has } from './optional.ts';

const RESET = 'faults/client-reset[phase=idle]';
const LEAKY = 'scenarios/targets/leaky/socket.yaml';
const captureTest = has('tcpdump') ? labTest : labTest.skip;

/** Files in the folder of the last run's journals, by their endings. */
async function filesOf(out: string): Promise<Record<string, string[]>> {
  const folder = path.join(out, 'latest', 'journal');
  const files: Record<string, string[]> = {};
  for (const name of (await readdir(folder)).toSorted())
    (files[path.extname(name)] ??= []).push(path.join(folder, name));
  return files;
}

/** Number of running captures that write below a folder. */
function capturesTo(folder: string): number {
  return processTree(1, { wholeSession: false }).filter(({ pid, name }) => {
    if (name !== 'tcpdump') return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(folder);
    } catch {
      return false; // gone meanwhile
    }
  }).length;
}

/** Lines of tcpdump for the packets of a file that fit a filter. */
async function packets(file: string | undefined, filter: string): Promise<string[]> {
  const { stdout } = await execa('tcpdump', ['-n', '-r', file ?? '', filter], { stderr: 'ignore' });
  return stdout.split('\n').filter((line) => line !== '');
}

captureTest(
  'capture and heap of what failed are kept, are whole, and show the resets and the leak',
  async () => {
    const { folder, done } = await temporaryFolder();
    const evidence = ['--capture', 'on-failure', '--keep-heap'];
    const failing = ['run', '--target', LEAKY, '--case', RESET, '--out', folder, ...evidence];
    expect((await lastfin(failing)).exitCode).toBe(1);
    const { '.jsonl': journals = [], '.pcap': captures = [], ...rest } = await filesOf(folder);
    expect([journals.length, captures.length]).toEqual([1, 1]);
    // nothing speaks TLS here, and nothing else is left
    const { '.heapsnapshot': heaps = [], ...others } = rest;
    expect([heaps.length, others]).toEqual([1, {}]);
    const heap = JSON.parse(await readFile(heaps[0] ?? '', 'utf8')) as {
      snapshot: unknown;
      strings: string[];
    };
    expect(heap.snapshot).toMatchObject({ node_count: expect.any(Number) });
    expect(heap.strings).toContain('Socket');
    expect((await stat(heaps[0] ?? '')).mode & 0o077).toBe(0);
    expect(captures[0]?.replace(/pcap$/, 'jsonl')).toBe(journals[0]);
    const journal = await readJournal(journals[0] ?? '');
    expect(journal.filter(({ type }) => type === 'evidence')).toMatchObject([
      { type: 'evidence', kind: 'pcap', file: path.basename(captures[0] ?? '') },
      { type: 'evidence', kind: 'heapsnapshot', file: path.basename(heaps[0] ?? '') },
    ]);
    // each of 20 clients resets, and none of the packets is lost
    const resets = await packets(captures[0], 'tcp[tcpflags] & tcp-rst != 0');
    expect(resets.length).toBeGreaterThanOrEqual(20);
    const ports = journal.flatMap((one) =>
      one.type === 'connection' && one.did === 'reset' ? String(one.localPort) : [],
    );
    expect(ports).toHaveLength(20);
    for (const port of ports)
      expect(
        resets.some((line) => line.includes(`.${port} > `)),
        port,
      ).toBe(true);
    expect(judge(journal.filter(({ type }) => type !== 'evidence'))).toEqual(judge(journal));
    await done();
  },
);

captureTest('of what passed nothing is kept unless asked for; then with the keys of TLS', async () => {
  const { folder, done } = await temporaryFolder();
  const run = (when: string, id: string): string[] => [
    'run',
    '--case',
    id,
    '--out',
    folder,
    '--capture',
    when,
  ];
  expect(
    (await lastfin([...run('on-failure', 'lifecycle/close-unused[by=client]'), '--keep-heap'])).exitCode,
  ).toBe(0);
  expect(Object.keys(await filesOf(folder))).toEqual(['.jsonl']);
  expect((await lastfin(run('always', 'tls/terminate[by=http-closes]'))).exitCode).toBe(0);
  const { '.pcap': captures = [], '.keys': keys = [] } = await filesOf(folder);
  expect([captures.length, keys.length]).toEqual([1, 1]);
  const lines = (await readFile(keys[0] ?? '', 'utf8')).trimEnd().split('\n');
  const connections = (await latestReport(folder)).results[0]?.connections ?? 0;
  const secrets = lines.filter((line) => /^CLIENT_TRAFFIC_SECRET_0 [\da-f]{64} [\da-f]{64,}$/.test(line));
  // at least those of the warm-up and of the judged round
  expect(secrets.length).toBeGreaterThanOrEqual(2 * connections);
  // the keys are of handshakes that were captured: their random is in a ClientHello
  const { stdout } = await execa('tcpdump', ['-n', '-x', '-r', captures[0] ?? ''], { stderr: 'ignore' });
  const bytes = stdout.replaceAll(/\s*0x[\da-f]+: /g, '').replaceAll(' ', '');
  for (const line of secrets) expect(bytes).toContain(line.split(' ')[1]);
  await done();
});

captureTest('a capture ends with a harness that is killed', async () => {
  const { folder, done } = await temporaryFolder();
  const run = lastfin([
    'run',
    '--case',
    'lifecycle/inactivity[count=50]',
    '--out',
    folder,
    '--capture',
    'always',
  ]);
  await until('the capture', () => capturesTo(folder) > 0);
  run.kill('SIGKILL');
  await run;
  await until('the end of the capture', () => capturesTo(folder) === 0);
  await done();
});

captureTest('without a network of its own, and without tcpdump, the run says what to do', async () => {
  const { folder, done } = await temporaryFolder();
  const run = ['run', '--case', RESET, '--out', folder, '--capture', 'always'];
  const none = await lastfin([...run, '--lab', 'none']);
  expect(none.all).toContain('--capture keeps the packets of a case’s own network');
  expect(none.exitCode).toBe(2);
  const lacking = await inside(
    '-Urm',
    `${hide('tcpdump')}; ${MAIN} run --case '${RESET}' --out ${folder} --capture always`,
  );
  expect(lacking.all).toContain('no `tcpdump` here: the package `tcpdump` has it');
  expect(lacking.exitCode).toBe(3);
  // nothing was begun
  expect(await readdir(folder)).toEqual([]);
  await done();
});
