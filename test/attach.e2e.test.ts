import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { Ports } from '../harness/lab/network/ports.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import { has } from './optional.ts';

const ports = new Ports();
const children: ChildProcess[] = [];
let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});
afterAll(() => done());
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const exchange = (target: string): string => `about: An exchange, then the client is gone.
target: ${target}
connections: 5
client: [open, { send: 64 }, { expect: 64 }, abandon]
upstream: [{ expect: 64 }, { send: 64 }, { expect: closed }, close]
deadline: 1s
expect: { drain: 300ms }
`;

/** A relay that somebody else has started, its target file, and a scenario; all `lastfin run` needs but the pid. */
async function running(mistake: string): Promise<{ child: ChildProcess; args: string[] }> {
  const [listen, upstream] = [await ports.take(), await ports.take()];
  const env = {
    ...process.env,
    LISTEN_HOST: '127.0.0.1',
    LISTEN_PORT: String(listen),
    UPSTREAM_HOST: '127.0.0.1',
    UPSTREAM_PORT: String(upstream),
  };
  const child = spawn('python3', ['test/programs/relay.py', mistake], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  const root = path.join(out, mistake);
  await mkdir(root);
  const target = path.join(out, `${mistake}-target.yaml`);
  await writeFile(path.join(root, 'exchange.yaml'), exchange(target));
  await writeFile(
    target,
    `about: A relay that runs.\nkind: program\nattach: { listen: '127.0.0.1:${listen}', upstream: '127.0.0.1:${upstream}' }\n`,
  );
  return {
    child,
    args: ['run', path.join(root, 'exchange.yaml'), '--root', root, '--target', target, '--out', out],
  };
}

describe.skipIf(!has('python3'))('--pid', () => {
  test('looks at a running process, says that the lab is none, and leaves it running', async () => {
    const { child, args } = await running('close-wait');
    const { exitCode, all } = await lastfin([...args, '--pid', String(child.pid)]);
    expect(exitCode, String(all)).toBe(1);
    expect(all).toContain('a process that is running already (--pid) is in no namespace of ours');
    const { results } = await latestReport(out);
    expect(results[0]?.findings).toContainEqual(
      expect.objectContaining({
        resource: 'tcp',
        count: 5,
        message: expect.stringContaining(
          '5 in CLOSE_WAIT: the client has ended its side, the target has not',
        ),
      }),
    );
    expect(results[0]?.rerun).toContain(`--pid ${child.pid}`);
    expect(child.exitCode).toBeNull();
  });

  test('a clean one passes, twice in a row', async () => {
    const { child, args } = await running('clean');
    const { exitCode, all } = await lastfin([...args, '--pid', String(child.pid), '--repeat', '2']);
    expect(exitCode, String(all)).toBe(0);
    expect(child.exitCode).toBeNull();
  });

  test('what cannot be is said: no pid, another process, a lab, a target file without addresses', async () => {
    const { args } = await running('thread');
    const unstarted = await lastfin(args);
    expect(unstarted.all).toMatch(/has no `command`: say with --pid which process it is/);
    expect(unstarted.exitCode).toBe(2);
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    children.push(stranger);
    const other = await lastfin([...args, '--pid', String(stranger.pid)]);
    expect(other.all).toMatch(/process \d+ does not listen on\s+127\.0\.0\.1:\d+/);
    expect(other.exitCode).toBe(3);
    const inLab = await lastfin([...args, '--pid', '1', '--lab', 'single']);
    expect(inLab.all).toContain('say --lab none');
    expect(inLab.exitCode).toBe(2);
    const noAddresses = await lastfin(['run', '--case', 'lifecycle/close-unused[by=client]', '--pid', '1']);
    expect(noAddresses.all).toContain('--pid needs a target file that says `attach:');
    expect(noAddresses.exitCode).toBe(2);
  });
});
