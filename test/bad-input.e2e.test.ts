import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

let folder: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
  await mkdir(path.join(folder, 'targets'), { recursive: true });
});

afterAll(() => done());

async function scenario(name: string, text: string): Promise<string> {
  const file = path.join(folder, `${name}.yaml`);
  await writeFile(file, text);
  return file;
}

async function target(name: string, source: string, extra = ''): Promise<string> {
  const file = path.join(folder, 'targets', `${name}.yaml`);
  await writeFile(path.join(folder, 'targets', `${name}.mjs`), source);
  await writeFile(
    file,
    `about: ${name}\nkind: node\ncommand: [node, '{{here}}/${name}.mjs']\nroutes: [tcp]\nready: { port: true, timeout: 3s }\nstop: { signal: SIGTERM, grace: 500ms }\n${extra}`,
  );
  return file;
}

const CASE = ['run', '--case', 'lifecycle/close-unused[by=client]'];
const LISTEN = `import net from 'node:net';
const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
`;

test('an invalid scenario: exit 2, every problem with its place and what was meant', async () => {
  const file = await scenario(
    'wrong',
    'about: x\nclient: [opne, { send: 12q }]\nexpect: { incomming: { normal: all } }\n',
  );
  const { exitCode, all } = await lastfin(['run', file, '--root', folder]);
  expect(exitCode).toBe(2);
  expect(all).toContain(`${file}:2:10: `);
  expect(all).toContain('did you mean `open`?');
  expect(all).toContain('did you mean `incoming`?');
  expect(all).toContain('> 2 | client: [opne');
  expect(all).toContain('LASTFIN_SCENARIO_INVALID');
});

test('an unknown target: exit 2, with the name that was meant', async () => {
  const file = await scenario('no-target', 'about: x\ntarget: proxi\nclient: [open]\n');
  const { exitCode, all } = await lastfin(['run', file, '--root', 'scenarios']);
  expect(all).toContain('unknown target `proxi`; did you mean `proxy`?');
  expect(exitCode).toBe(2);
});

test.each([
  [['run', '--case', 'lifecycle/close-unusd'], 'no case `lifecycle/close-unusd`'],
  [['run', '--jobs', 'many'], 'a whole number'],
  [['run', '--sed', '1'], 'unknown option'],
  [['rnu'], 'unknown command'],
  [['run', 'no/such/folder'], 'no/such/folder'],
  [['run', 'fautls-of-mine'], 'areas: chains, faults, '],
  [['run', '--target', 'no-such.yaml'], 'no target file `no-such.yaml`'],
  [['run', '--case', 'fauts/client-rest'], 'did you mean `faults/client-reset`?'],
  [['mutants', 'timers-not-cleard'], 'did you mean `timers-not-cleared`?'],
  [['mutants', 'no-such-mutant'], 'no mutant `no-such-mutant`'],
  [['judge', 'no-such.jsonl'], 'no-such.jsonl'],
])('%j is refused with words', async (args, words) => {
  const { exitCode, all } = await lastfin(args);
  expect(all).toContain(words);
  expect(exitCode).toBe(2);
});

test('a target that dies at start is an error of the lab, with its output and the command', async () => {
  const file = await target('dies-at-start', "console.error('no config'); process.exit(7);");
  const { exitCode, all } = await lastfin([...CASE, '--target', file, '--out', folder]);
  expect(exitCode).toBe(3);
  expect(all).toContain('exited with 7 before it was ready');
  expect(all).toContain('no config');
  expect(all).toContain('dies-at-start.mjs');
});

test('a target that never listens is an error of the lab, in time', async () => {
  const file = await target('never-listens', 'setInterval(() => {}, 1000);');
  const { exitCode, all } = await lastfin([...CASE, '--target', file, '--out', folder]);
  expect(exitCode).toBe(3);
  expect(all).toContain('was not ready within 3000 ms');
});

test('a command that cannot be spawned is an error of the lab', async () => {
  const file = path.join(folder, 'targets', 'no-command.yaml');
  await writeFile(
    file,
    'about: x\nkind: node\ncommand: [no-such-program]\nroutes: [tcp]\nready: { port: true }\nstop: { signal: SIGTERM, grace: 1s }\n',
  );
  const { exitCode, all } = await lastfin([...CASE, '--target', file, '--out', folder]);
  expect(exitCode).toBe(3);
  expect(all).toContain('ENOENT');
});

test('a target that dies in mid-case is a finding: a crash with what it said', async () => {
  const file = await target(
    'dies-in-mid-case',
    `${LISTEN}let n = 0;
net.createServer({ allowHalfOpen: true }, (c) => {
  const u = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  c.on('error', () => {}); u.on('error', () => {});
  c.pipe(u).pipe(c);
  if (++n === 30) throw new Error('thirty is too many');
}).listen(Number(LISTEN_PORT), LISTEN_HOST);`,
  );
  const { exitCode, all } = await lastfin([...CASE, '--target', file, '--out', folder]);
  expect(exitCode).toBe(1);
  expect(all).toContain('crash');
  expect(all).toContain('thirty is too many');
});

test('a target that does not exit is a finding that says what keeps it alive, in two voices', async () => {
  const file = await target(
    'never-exits',
    `${LISTEN}const server = net.createServer({ allowHalfOpen: true }, (c) => {
  const u = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  c.on('error', () => {}); u.on('error', () => {});
  c.pipe(u).pipe(c);
}).listen(Number(LISTEN_PORT), LISTEN_HOST);
process.on('SIGTERM', () => server.close());
setInterval(() => {}, 60_000);`,
  );
  const { exitCode, all } = await lastfin([...CASE, '--target', file, '--out', folder]);
  expect(exitCode).toBe(1);
  expect(all).toContain('never-exits.mjs:9:1');
  const finding = (await latestReport(folder)).results[0]?.findings.find(({ kind }) => kind === 'no-exit');
  expect(finding?.kind === 'no-exit' && finding.why).toContain('never-exits.mjs:9');
});

test('a target that exits late, while it is asked what keeps it alive, is a finding and no error of the lab', async () => {
  const file = await target(
    'exits-late',
    `${LISTEN}net.createServer({ allowHalfOpen: true }, (c) => {
  const u = net.connect(Number(UPSTREAM_PORT), UPSTREAM_HOST);
  c.on('error', () => {}); u.on('error', () => {});
  c.pipe(u).pipe(c);
}).listen(Number(LISTEN_PORT), LISTEN_HOST);
process.on('SIGTERM', () => {
  for (const end = Date.now() + 2000; Date.now() < end; );
  process.exit();
});`,
  );
  const { exitCode, all } = await lastfin([...CASE, '--target', file, '--out', folder]);
  const [, late] =
    /did not exit within 500 ms of the stop signal, but (\d+) ms after it/.exec(String(all)) ?? [];
  expect(Number(late)).toBeGreaterThanOrEqual(2000);
  expect(exitCode).toBe(1);
});

test('the proxy says that its port is in use, and exits 1', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const { exitCode, stderr } = await execa(
    process.execPath,
    ['dist/proxy/cli/main.js', '--listen', `127.0.0.1:${port}`, '--upstream', '127.0.0.1:1'],
    { reject: false },
  );
  server.close();
  expect(stderr).toContain('LASTFIN_PORT_IN_USE');
  expect(stderr).toContain(String(port));
  expect(exitCode).toBe(1);
});

test('the name of a scenario stands for all its cases', async () => {
  const { exitCode, all } = await lastfin(['list', '--case', 'faults/client-reset']);
  expect(exitCode).toBe(0);
  expect(all).toContain('faults/client-reset[phase=idle]\n');
  expect(all).toContain('faults/client-reset[phase=download]\n');
  expect(all).not.toContain('faults/client-reset-under-flood');
});

test('the embedded Toxiproxy lists its flags', async () => {
  const { exitCode, all } = await lastfin(['toxiproxy', '--help']);
  expect(exitCode).toBe(0);
  expect(all).toContain('--port <n>');
});
