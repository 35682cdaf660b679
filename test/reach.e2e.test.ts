import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { onTarget } from '../harness/suite/on-target.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { namespaceObstacle } from '../harness/lab/network/namespace.ts';
import { admit } from '../harness/run/admission/admit.ts';
import type { Case } from '../harness/scenario/case.ts';
import { latestReport, runPlainly } from './command-line.ts';
import { has, hasCaddy } from './optional.ts';
import type { Share } from '../shared/testing/share-of.ts';
import { someCells } from './some-cells.ts';
import { inOwnFolder } from './own-folder.ts';

/** Cases of the shipped suite that each target is promised at least, as docs/targets.md has it. */
const TARGETS: { target: string; least: number; here: boolean; share?: Share }[] = [
  { target: 'bare-pipe', least: 185, here: true },
  { target: 'haproxy', least: 400, here: has('haproxy') },
  { target: 'nginx-stream', least: 175, here: has('nginx') },
  { target: 'nginx-http', least: 180, here: has('nginx') },
  // what they have in common with HAProxy, that shows
  { target: 'go-reverse-proxy', least: 490, here: has("Go's reverse proxy"), share: { one: 0, in: 2 } },
  { target: 'envoy', least: 490, here: has('envoy'), share: { one: 1, in: 2 } },
  { target: 'caddy', least: 490, here: hasCaddy, share: { one: 0, in: 2 } },
  { target: 'socat', least: 175, here: has('socat') },
  { target: 'test/programs/relay.yaml', least: 180, here: has('python3') },
];

/** Cases of the shipped suite that apply to a target, wherever they can run. */
function applying(target: string): Case[] {
  const chosen = selectCases([], { target, case: [], seed: 1 }).map(onTarget);
  return chosen
    .filter(
      ({ testCase, ...context }) =>
        admit(testCase, { ...context, mode: 'auto', machine: { lacks: {} } }).as !== 'not-applicable',
    )
    .map(({ testCase }) => testCase);
}

describe('the shipped suite is for any proxy', () => {
  test.each(TARGETS)('$target: at least $least cases apply', ({ target, least }) => {
    expect(applying(target).length).toBeGreaterThanOrEqual(least);
  });
});

/** Most of their time these cases wait: for the kernel to give up, or for a clock of the target. */
const JOBS = '6';

let out: string;
inOwnFolder((folder) => (out = folder));

// Python's relay takes three minutes, and shows nothing that socat does not
for (const { target, here, share } of TARGETS.filter((one) => !one.target.endsWith('relay.yaml'))) {
  const name = here ? target : `${target} (skipped: it is not here; \`npm run setup\` adds it)`;
  test.skipIf(!here)(
    `${name}: cases of each scenario run, and each finding is explained in its file`,
    async () => {
      const cases = someCells(applying(target), { most: 1, ...(share && { share }) });
      const words = ['--target', target, '--case', ...cases, '--out', out, '--jobs', JOBS];
      const { all, exitCode } = await runPlainly(words);
      const { counts, results } = await latestReport(out);
      const bad = results.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'skipped');
      expect(
        bad.map(({ id, verdict, findings, reason }) => [id, verdict, findings[0]?.message ?? reason]),
        String(all),
      ).toEqual([]);
      expect(exitCode).toBe(0);
      expect(results.filter(({ verdict, reason }) => verdict === 'skipped' && !reason)).toEqual([]);
      expect(counts.passed + counts.skipped).toBe(cases.length);
      // what is skipped is so for want of a network of its own or of its tools
      if ((await namespaceObstacle()) === undefined && has('nft')) expect(counts.skipped).toBe(0);
    },
    600_000,
  );
}

test('a proxy that ends every connection at once fails, and is no error of the lab', async () => {
  const target = path.join(out, 'ends-all.yaml');
  await writeFile(target, "about: x\nkind: node\ncommand: [node, '{{here}}/ends-all.mjs']\n");
  await writeFile(
    path.join(out, 'ends-all.mjs'),
    "import net from 'node:net';\n" +
      'const { LISTEN_HOST, LISTEN_PORT } = process.env;\n' +
      'net.createServer((client) => client.end()).listen(Number(LISTEN_PORT), LISTEN_HOST);\n',
  );
  const chosen = ['faults/upstream-reset-idle', 'lifecycle/shutdown', 'lifecycle/ipv6'];
  const { all, exitCode } = await runPlainly([...chosen, '--target', target, '--out', out]);
  const { counts, results } = await latestReport(out);
  expect(counts, String(all)).toMatchObject({ passed: 0, error: 0 });
  expect(exitCode).toBe(1);
  const [shutdown] = results.filter(({ id }) => id === 'lifecycle/shutdown[peers=hold]');
  expect(shutdown?.findings.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('the fault `shutdown` could not be applied: the target failed connections'),
  );
});

test('a proxy without IPv6 is not tried with it, and hears why', async () => {
  const target = path.join(out, 'ipv4-only.yaml');
  await writeFile(target, "about: x\nkind: node\ncommand: [node, '{{here}}/ipv4-only.mjs']\n");
  await writeFile(
    path.join(out, 'ipv4-only.mjs'),
    "import net from 'node:net';\nnet.createServer().listen(Number(process.env.LISTEN_PORT), '0.0.0.0');\n",
  );
  const { all } = await runPlainly(['lifecycle/ipv6', '--target', target, '--out', out]);
  const { counts, results } = await latestReport(out);
  expect(counts, String(all)).toMatchObject({ passed: 0, failed: 0, error: 0, skipped: 5 });
  expect(results[0]?.reason).toContain('families: [ipv4]');
});
