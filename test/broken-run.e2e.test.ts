import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import { MARK, marked, until } from '../bench/marked-processes.ts';

let folder: string;
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder, done } = await temporaryFolder());
});
afterEach(() => done());

const MAIN = path.resolve('dist/harness/cli/main.js');
const CASES = ['run', '--quiet', '--case', 'lifecycle/close-unused*', 'faults/client-reset*'];
const onLinux = existsSync('/proc/self/environ');

test('workers that cannot begin: exit 3, and every case is in the report as an error with the reason', async () => {
  const env = { TMPDIR: path.join(folder, 'gone') };
  const { exitCode, all } = await lastfin([...CASES, '--lab', 'none', '--out', folder], { env });
  expect(exitCode, String(all)).toBe(3);
  expect(all).toContain('no folder can be made for temporary files');
  expect(all).not.toContain('    at ');
  const { results, ...report } = await latestReport(folder);
  expect(report).toMatchObject({
    exitCode: 3,
    interrupted: false,
    broken: expect.stringContaining('temporary files'),
  });
  expect(report.counts.error).toBe(results.length);
  expect(results.length).toBeGreaterThan(3);
  for (const { reason } of results) expect(reason).toContain('not run, since the run broke off');
});

test.runIf(onLinux)('too few descriptors to load anything: exit 3, in words', async () => {
  const line = `ulimit -n 40; exec ${process.execPath} ${MAIN} list`;
  const { exitCode, stderr } = await execa('/bin/sh', ['-c', line], { reject: false });
  expect(stderr).toContain('too few files may be open here (`ulimit -n`)');
  expect(stderr).not.toContain('    at ');
  expect(exitCode).toBe(3);
});

test.each(['a-file/below', ...(onLinux ? ['/proc/lastfin'] : [])])(
  '--out %s cannot be written: exit 2, before the run',
  async (out) => {
    writeFileSync(path.join(folder, 'a-file'), '');
    const { exitCode, all } = await lastfin([...CASES, '--out', path.resolve(folder, out)], {
      timeout: 60_000,
    });
    expect(all).toMatch(/the reports folder .* cannot be written/);
    expect(exitCode).toBe(2);
  },
);

test('a reader of the output that leaves ends nothing: the report is written, and the exit code is that of the cases', async () => {
  const line = `${process.execPath} ${MAIN} ${CASES.slice(0, 4).join(' ')} --verbose --out ${folder}`.replace(
    '--quiet ',
    '',
  );
  const { stdout, stderr } = await execa('/bin/sh', ['-c', `{ ${line}; echo "exit $?" >&2; } | head -1`], {
    all: true,
  });
  expect(stdout).toMatch(/^lastfin /);
  expect(stderr).toContain('exit 0');
  expect(await latestReport(folder)).toMatchObject({ exitCode: 0, interrupted: false });
});

test.runIf(onLinux).each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s right after the start: exit 130',
  async (signal) => {
    const mark = `early-${signal}-${process.pid}`;
    const run = lastfin([...CASES, '--out', folder], { env: { [MARK]: mark } });
    // listening has begun once the process holds a handler for it, which /proc tells
    await until('the handler of the signal', () => run.pid !== undefined && catchesHangup(run.pid));
    run.kill(signal);
    const { exitCode, all } = await run;
    expect(exitCode, String(all)).toBe(130);
    await until('all to end', () => marked(mark).length === 0);
  },
);

/** Whether the process has a handler for SIGHUP. */
function catchesHangup(pid: number): boolean {
  try {
    const caught = /^SigCgt:\s+([\da-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

test.runIf(onLinux)(
  'a target that is blocked ends with its killed worker, and its children with it, without a namespace, too',
  async () => {
    const mark = `blocked-${process.pid}`;
    writeFileSync(
      path.join(folder, 'blocks.mjs'),
      `import net from 'node:net';
import { spawn } from 'node:child_process';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
let n = 0;
net.createServer((c) => {
  if (++n === 25) process.kill(process.pid, 'SIGSTOP');
  const u = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  c.on('error', () => {}); u.on('error', () => {});
  c.pipe(u).pipe(c);
}).listen(Number(LISTEN_PORT), LISTEN_HOST);`,
    );
    writeFileSync(
      path.join(folder, 'blocks.yaml'),
      'about: x\nkind: node\ncommand: [node, "{{here}}/blocks.mjs"]\n',
    );
    const secret = 'a-secret-of-the-environment';
    const run = lastfin(
      [
        'run',
        '--case',
        'lifecycle/close-unused[by=client]',
        '--target',
        path.join(folder, 'blocks.yaml'),
        '--lab',
        'none',
        '--out',
        folder,
      ],
      { env: { [MARK]: mark, API_TOKEN: secret } },
    );
    await until('the target to stop', () => marked(mark).some((pid) => stateOf(pid) === 'T'));
    const worker = marked(mark).find((pid) => argumentsOf(pid).includes('worker-main.js'));
    process.kill(worker ?? 0, 'SIGKILL');
    const { exitCode, all } = await run;
    expect(exitCode, String(all)).toBe(3);
    await until('all to end', () => marked(mark).length === 0);
    // whatever became of it, nothing of the environment is in what was written or printed
    expect(all).not.toContain(secret);
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const text =
        file.includes('.json') || file.endsWith('.xml') ? readFileSync(path.join(folder, file), 'utf8') : '';
      expect(text, file).not.toContain(secret);
    }
  },
);

function stateOf(pid: number): string | undefined {
  try {
    return /^.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}

function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

test.runIf(onLinux)('a disk that is full leaves no half of a report, and is told', async () => {
  const mount = `mount -t tmpfs -o size=48k none ${folder} && cd ${folder}`;
  const line = `${mount} && ${process.execPath} ${MAIN} ${CASES.join(' ')} --out ${folder}; echo "exit $?"; find ${folder} -size 0 -type f; ls ${folder}`;
  const { all } = await execa('unshare', ['--user', '--map-root-user', '--mount', '/bin/sh', '-c', line], {
    reject: false,
    all: true,
  });
  expect(all).toContain('no space is left on the disk');
  expect(all).toMatch(/exit 3\nruns$/);
});

test.runIf(onLinux)('an empty PATH is named as what keeps cases from a network of their own', async () => {
  const { all } = await lastfin(['doctor'], { env: { PATH: '' }, extendEnv: false });
  expect(all).toContain('PATH is empty, so no program is found');
});
