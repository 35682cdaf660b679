import { spawnSync } from 'node:child_process';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { select } from '../harness/cli/selection.ts';
import { namespaceObstacle } from '../harness/lab/namespace.ts';
import { admit } from '../harness/run/admit.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import { hasPython } from './python.ts';

const isHere = (program: string): boolean =>
  process.env['LASTFIN_REQUIRE_ALL'] === '1' || spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Cases of the shipped suite that each target is promised at least, as docs/targets.md has it. */
const TARGETS = [
  { target: 'bare-pipe', least: 185, here: true },
  { target: 'haproxy', least: 180, here: isHere('haproxy') },
  { target: 'nginx-stream', least: 175, here: isHere('nginx') },
  { target: 'socat', least: 175, here: isHere('socat') },
  { target: 'test/programs/relay.yaml', least: 185, here: hasPython },
];

describe('the shipped suite is for any TCP proxy', () => {
  test.each(TARGETS)('$target: at least $least cases apply', ({ target, least }) => {
    const { chosen } = select([], { target, case: [], seed: 1 });
    const apply = chosen.filter(
      ({ plan, ...context }) =>
        admit(plan, { ...context, mode: 'auto', machine: {} }).as !== 'not-applicable',
    );
    expect(apply.length).toBeGreaterThanOrEqual(least);
  });
});

/** Most of their time these cases wait: for the kernel to give up, or for a clock of the target. */
const JOBS = '6';

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

/** Small enough for every run of the tests; a whole run of the others takes a minute or two. */
const WHOLE = TARGETS.filter(({ target }) => ['bare-pipe', 'haproxy', 'nginx-stream'].includes(target));

for (const { target, least, here } of WHOLE) {
  const name = here ? target : `${target} (skipped: it is not here; \`npm run setup\` adds it)`;
  test.skipIf(!here)(
    `${name}: all that apply run, and each finding is explained in its file`,
    async () => {
      const { all, exitCode } = await lastfin(['run', '--target', target, '--out', out, '--jobs', JOBS]);
      const { counts, results } = await latestReport(out);
      const bad = results.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'skipped');
      expect(
        bad.map(({ id, verdict, findings, reason }) => [id, verdict, findings[0]?.message ?? reason]),
        String(all),
      ).toEqual([]);
      expect(exitCode).toBe(0);
      expect(results.filter(({ verdict, reason }) => verdict === 'skipped' && !reason)).toEqual([]);
      expect(counts.passed + counts.skipped).toBeGreaterThanOrEqual(least);
      // what is skipped is so for want of a network of its own or of its tools
      if ((await namespaceObstacle()) === undefined && isHere('nft')) expect(counts.skipped).toBe(0);
    },
    600_000,
  );
}
