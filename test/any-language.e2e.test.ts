import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { latestReport, runPlainly } from './command-line.ts';
import { has } from './optional.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

/** Runs one round of `count` connections for each mistake; `program` is the target's file. */
async function runAll(
  name: string,
  program: string,
  mistakes: readonly { name: string; end: string; upstream?: string }[],
  more: readonly string[] = [],
): Promise<RunReport> {
  const root = path.join(out, name);
  await mkdir(root, { recursive: true });
  const cells = mistakes.map(
    ({ name: mistake, end, upstream = '[{ expect: 64 }, { send: 64 }, { expect: closed }, close]' }) =>
      `    - { name: ${mistake}, end: ${end}, upstream: ${upstream} }`,
  );
  await writeFile(
    path.join(root, 'leaks.yaml'),
    `about: One exchange on each connection, then the client ends it.
target: ${path.resolve(program)}
connections: 20
settings: { mistake: '\${mistake.name}' }
client: [open, { send: 64 }, { expect: 64 }, '\${mistake.end}']
upstream: \${mistake.upstream}
expect: { drain: 500ms }
matrix:
  mistake:
${cells.join('\n')}
`,
  );
  await runPlainly(['--root', root, '--out', out, ...more]);
  return latestReport(out);
}

/** Expected findings and their texts; a peer that the target keeps waiting holds on, so that its script does not fail. */
const LEAKS = [
  {
    name: 'close-wait',
    end: 'abandon',
    upstream: '[{ expect: 64 }, { send: 64 }]',
    resource: 'tcp',
    words: '20 in CLOSE_WAIT: the client has ended its side, the target has not',
  },
  {
    name: 'outgoing',
    end: 'reset',
    upstream: '[{ expect: 64 }, { send: 64 }]',
    resource: 'tcp',
    words: '20 in ESTABLISHED: neither the target nor the upstream has ended it',
  },
  { name: 'unclosed', end: 'close', resource: 'descriptor', words: 'a socket whose connection is over' },
  { name: 'descriptor', end: 'close', resource: 'descriptor', words: 'file never closed' },
  {
    name: 'zombie',
    end: 'close',
    resource: 'zombie',
    words: 'it has ended, and its parent never waited for it',
  },
  { name: 'child', end: 'close', resource: 'process', words: '`sleep`: it is still running' },
  { name: 'thread', end: 'close', resource: 'thread', words: 'python3' },
] as const;

describe.skipIf(!has('python3'))('a relay in Python', () => {
  test('each mistake is found, by what the kernel holds and in words', async () => {
    const { results } = await runAll('leaky', 'test/programs/relay.yaml', LEAKS);
    const found = results.map(({ cell, findings }) => ({
      name: cell['mistake'],
      leaks: findings.flatMap((one) =>
        one.kind === 'leak' ? [{ resource: one.resource, count: one.count, message: one.message }] : [],
      ),
    }));
    const expected = LEAKS.map(({ name, resource, words }) => ({
      name,
      leaks: expect.arrayContaining([{ resource, count: 20, message: expect.stringContaining(words) }]),
    }));
    expect(found).toHaveLength(LEAKS.length);
    expect(found).toEqual(expect.arrayContaining(expected));
    // one leak is one finding: the threads that wait on a connection are no leak of their own
    for (const { name, leaks } of found) {
      expect(leaks.length, name).toBe(1);
    }
  });

  test('a count in its log that does not go back is found', async () => {
    const { results } = await runAll('record', 'test/programs/relay.yaml', [
      { name: 'record', end: 'close' },
    ]);
    expect(results[0]?.findings).toEqual([
      expect.objectContaining({ kind: 'leak', resource: 'record', fingerprint: 'gauge:records', count: 20 }),
    ]);
  });

  test('memory that grows with the connections is found', async () => {
    const { results } = await runAll('memory', 'test/programs/relay.yaml', [
      { name: 'memory', end: 'close' },
    ]);
    expect(results[0]?.findings).toEqual([
      expect.objectContaining({
        kind: 'leak',
        resource: 'memory',
        message: expect.stringMatching(
          /^\d{5,} KiB of memory left after \d+ connections: own memory: \d+ KiB, \d+ KiB before; hard: /,
        ),
      }),
    ]);
  });

  test('the same without the mistakes is silent, ten times over', async () => {
    const mended = [...LEAKS, { name: 'memory', end: 'close' }, { name: 'record', end: 'close' }].map(
      ({ name, end }) => ({
        name: `${name}-mended`,
        end,
      }),
    );
    const { results, counts } = await runAll('mended', 'test/programs/relay.yaml', mended, [
      '--repeat',
      '10',
    ]);
    expect(results.flatMap(({ findings }) => findings)).toEqual([]);
    expect(counts).toMatchObject({ passed: mended.length, failed: 0, flaky: 0, error: 0 });
  });
});

describe.skipIf(!has('go'))('a relay in Go', () => {
  test('a connection that is never closed is found; threads of the runtime are none', async () => {
    const binary = path.join(out, 'relay');
    execFileSync('go', ['build', '-o', binary, 'test/programs/relay.go'], {
      stdio: 'inherit',
      timeout: 110_000,
    });
    const target = path.join(out, 'go.yaml');
    await writeFile(
      target,
      `about: A relay in Go.\nkind: program\ncommand: [${binary}]\nsettings: { mistake: ['{{value}}'] }\n`,
    );
    const { results } = await runAll('go', target, [
      { name: 'close-wait', end: 'abandon', upstream: '[{ expect: 64 }, { send: 64 }]' },
      { name: 'clean', end: 'abandon' },
    ]);
    expect(results.map(({ cell, verdict }) => [cell['mistake'], verdict])).toEqual([
      ['clean', 'passed'],
      ['close-wait', 'failed'],
    ]);
    expect(results[1]?.findings).toContainEqual(
      expect.objectContaining({
        resource: 'tcp',
        count: 20,
        message: expect.stringContaining(
          '20 in CLOSE_WAIT: the client has ended its side, the target has not',
        ),
      }),
    );
  });
});

describe.skipIf(!has('java'))('a relay in Java', () => {
  test('sockets and threads that a reset leaves are found; threads and memory of the virtual machine are none', async () => {
    execFileSync('javac', ['-d', out, 'test/programs/Relay.java'], { stdio: 'inherit', timeout: 110_000 });
    const target = path.join(out, 'java.yaml');
    await writeFile(
      target,
      `about: A relay in Java.
kind: program
command: [java, -Xss256k, -cp, ${out}, Relay]
ready: { port: true, timeout: 20s }
settings: { mistake: ['{{value}}'] }
`,
    );
    const { results } = await runAll('java', target, [
      { name: 'clean', end: 'reset' },
      { name: 'kept', end: 'reset', upstream: '[{ expect: 64 }, { send: 64 }]' },
    ]);
    expect(results.map(({ cell, verdict }) => [cell['mistake'], verdict])).toEqual([
      ['clean', 'passed'],
      ['kept', 'failed'],
    ]);
    expect(results[1]?.findings).toContainEqual(
      expect.objectContaining({
        resource: 'tcp',
        count: 20,
        message: expect.stringContaining(
          '20 in ESTABLISHED: neither the target nor the upstream has ended it',
        ),
      }),
    );
  });
});
