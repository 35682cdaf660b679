import { describe, expect, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { latestReport, runPlainly } from './command-line.ts';
import { has } from './optional.ts';
import { inOwnFolder } from './own-folder.ts';
import { leakIn } from './leak-in.ts';

const SERVERS = 'test/programs/servers';

let out: string;
inOwnFolder((folder) => (out = folder));

async function run(target: string, cases: readonly string[]): Promise<{ report: RunReport; all: string }> {
  const words = ['--target', `${SERVERS}/${target}.yaml`, '--case', ...cases, '--out', out];
  const { all } = await runPlainly(words);
  return { report: await latestReport(out), all: String(all) };
}

/** A mistake, the cases that show it, and the kind of thing that stays. */
const LEAKS = [
  ['aborted-request', 'server/aborted-request[phase=in-body,how=reset]', 'timer'],
  ['upgrade', 'server/upgrade[when=asked,how=abandon]', 'socket'],
] as const;

describe('a leaky server and its clean twin', () => {
  test.each(LEAKS)(
    '%s: %s finds a %s at its line',
    async (program, id, resource) => {
      const leaky = await run(`${program}-leaky`, [id]);
      const found = leaky.report.results.flatMap(({ findings }) => findings);
      expect(found, leaky.all).toContainEqual(
        expect.objectContaining({
          kind: 'leak',
          resource,
          where: expect.arrayContaining([expect.objectContaining(leakIn(`${SERVERS}/${program}.mjs`))]),
        }),
      );
      const clean = await run(`${program}-clean`, [id]);
      expect(clean.report.counts, clean.all).toMatchObject({ passed: 1, failed: 0, error: 0 });
    },
    LONG,
  );

  test(
    'a stop that waits for parked connections does not end; with a limit it does',
    async () => {
      const cases = ['server/stop[clients=parked]', 'server/stop[clients=slow-body]'];
      const leaky = await run('stop-leaky', cases);
      for (const { findings } of leaky.report.results) {
        expect(
          findings.map(({ kind }) => kind),
          leaky.all,
        ).toEqual(['no-exit']);
        expect(findings[0]?.message).toMatch(/kept alive by .*(?:socket|Socket|server)/);
      }
      expect(leaky.report.results).toHaveLength(2);
      const clean = await run('stop-clean', cases);
      expect(clean.report.counts, clean.all).toMatchObject({ passed: 2, failed: 0, error: 0 });
    },
    LONG,
  );
});

// the kernel's own faults are in `reach-http`; here nothing needs a namespace
const ANYWHERE = ['aborted-request*', 'answer-unread*', 'keep-alive*', 'methods*', 'slow*'].map(
  (name) => `server/${name}`,
);
/** ms: dozens of cases, each of which may wait for kept connections, on a machine that may be busy */
const LONG = 400_000;

describe('servers that leak nothing', () => {
  test(
    'one in the way of express, with large answers',
    async () => {
      const { report, all } = await run('framework', [...ANYWHERE, 'server/stop*', 'server/upgrade*']);
      expect(report.counts, all).toMatchObject({ failed: 0, error: 0, skipped: 0 });
      expect(report.counts.passed).toBeGreaterThanOrEqual(45);
    },
    LONG,
  );

  test(
    'a TCP server',
    async () => {
      const { report, all } = await run('echo', [
        'server/tcp-client-leaves*',
        'server/tcp-stop*',
        'server/tcp-half*',
      ]);
      expect(report.counts, all).toMatchObject({ failed: 0, error: 0, skipped: 0 });
      expect(report.counts.passed).toBeGreaterThanOrEqual(17);
    },
    LONG,
  );

  test.skipIf(!has('python3'))(
    "Python's own HTTP server, seen from outside",
    async () => {
      const { report, all } = await run('python', [...ANYWHERE, 'server/stop*']);
      expect(report.counts, all).toMatchObject({ failed: 0, error: 0, skipped: 0 });
    },
    LONG,
  );
});
