import { existsSync } from 'node:fs';

import { describe, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { someOf } from '../shared/testing/share-of.ts';
import { latestReport, runPlainly, temporaryFolder } from './command-line.ts';
import { has } from './optional.ts';

const NPM = 'scenarios/targets/npm';
const installed = process.env['LASTFIN_REQUIRE_ALL'] === '1' || existsSync(`${NPM}/node_modules`);

/** A published version that leaks, what it leaks, and the file that the finding must name. */
const LEAKY = [
  ['hp-abort', 'http-proxy', 'socket', 'passes/web-incoming.js'],
  ['hp-abort', 'httpxy-bad', 'socket', 'httpxy-bad/dist/index.mjs'],
  // with its defaults, @fastify/http-proxy 11.6.3 keeps its connection to a silent upstream when the client has gone
  ['hp-abort', 'fastify', 'socket', 'undici/lib/core/connect.js'],
  ['hp-stream', 'http-proxy', 'socket', 'passes/web-incoming.js'],
  // by who accepted it; the package's own listeners on it come second
  ['hp-ws-reject', 'http-proxy-3-bad', 'socket', `${NPM}/http-proxy.mjs`],
  ['hpm-113', 'http-proxy-middleware-0.17.1', 'listener', 'http-proxy-middleware-0.17.1/lib/index.js'],
  ['half-close-ignored', 'proxy', 'socket', 'proxy/src/proxy.ts'],
  ['half-close-ignored', 'proxy-chain-3.0.1', 'socket', 'proxy-chain-3.0.1/dist/direct.js'],
  ['node-57946', 'pipe', 'socket', `${NPM}/pipe.mjs`],
  ['pc-407', 'proxy-chain-2.2.0', 'socket', 'proxy-chain-2.2.0/src/direct.ts'],
  ['pc-670', 'proxy-chain-3.0.0', 'socket', 'proxy-chain-3.0.0/src/forward.ts'],
  ['pc-670', 'http-mitm-proxy', 'socket', 'http-mitm-proxy/lib/proxy.ts'],
  ['rf-206', 'fastify-reply-from-6.4.0', 'socket', 'undici/lib/core/connect.js'],
  ['rf-424', 'fastify-reply-from-12.1.0', 'stream', 'fastify-reply-from-12.1.0/lib/request.js'],
  ['ss-62', 'simple-socks-3.1.0', 'socket', 'simple-socks-3.1.0/src/socks5.js'],
  ['ttn-proxy-rst', 'proxy', 'socket', 'proxy/src/proxy.ts'],
] as const;

const hasGo = has("Go's reverse proxy");
const title = installed ? 'field issues' : 'field issues (skipped: not installed; `npm run setup` adds them)';
// most of their time they wait for a drain that does not come
describe.skipIf(!installed)(title, { concurrent: true }, () => {
  test.for(someOf(LEAKY))(
    '%s: the leak of %s is found, a %s, in %s',
    async ([scenario, target, resource, file], { expect }) => {
      const matrix = scenario === 'hp-abort' || scenario === 'hp-stream' ? '[*node16*' : '';
      const words = ['--case', `field/${scenario}${matrix}`, '--target', `${NPM}/${target}.yaml`];
      const { report, all } = await run(words);
      const files = report.results[0]?.findings.flatMap((one) =>
        one.kind === 'leak' && one.resource === resource ? [one.where[0]?.file] : [],
      );
      expect(files, all).toContainEqual(expect.stringContaining(file));
    },
  );

  // it keeps its connection to a silent upstream; what else it does otherwise is excused in its target file
  test('on fastify, the generic scenarios over HTTP say what it does otherwise, and no more', async ({
    expect,
  }) => {
    const cases = ['client-leaves*', 'interim*', 'keep-alive', 'pipelined', 'upgrade-declined*'].map(
      (name) => `http/${name}`,
    );
    const { report, all } = await run(['--target', `${NPM}/fastify.yaml`, '--case', ...cases]);
    const bad = report.results.filter(({ verdict }) => verdict === 'failed' || verdict === 'error');
    expect([...new Set(bad.map(({ id }) => id))], all).toEqual([
      'http/client-leaves[phase=unanswered,how=reset]',
      'http/client-leaves[phase=upgrading,how=reset]',
    ]);
    expect(report.results.filter(({ excused }) => excused !== undefined).map(({ id }) => id)).toEqual([
      'http/interim[of=continue]',
      'http/upgrade-declined[status=200]',
      'http/upgrade-declined[status=401]',
      'http/upgrade-declined[status=404]',
    ]);
    expect(report.counts.passed, all).toBeGreaterThanOrEqual(10);
  });

  test('the good versions are silent', async ({ expect }) => {
    const { report, all } = await run(['scenarios/field']);
    const { passed, failed, error } = report.counts;
    expect({ passed, failed, error }, all).toEqual({ passed: hasGo ? 16 : 14, failed: 0, error: 0 });
  });
});

const ofGo = hasGo ? 'defects of Go' : 'defects of Go (skipped: not built; `npm run setup` does it)';
describe.skipIf(!hasGo)(ofGo, { concurrent: true }, () => {
  test.for(['go-57786', 'go-78973'])(
    "%s: the connections that Go's reverse proxy leaves are found",
    async (scenario, { expect }) => {
      const { report, all } = await run(['--case', `field/${scenario}`, '--target', 'go-reverse-proxy']);
      expect(report.results[0]?.findings, all).toContainEqual(
        expect.objectContaining({ kind: 'leak', resource: 'tcp', count: 20 }),
      );
    },
  );
});

async function run(words: readonly string[]): Promise<{ report: RunReport; all: string }> {
  const { folder, done } = await temporaryFolder();
  try {
    const { all } = await runPlainly([...words, '--out', folder]);
    return { report: await latestReport(folder), all: String(all) };
  } finally {
    await done();
  }
}
