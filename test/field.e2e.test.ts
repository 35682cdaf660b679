import { existsSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

const NPM = 'scenarios/targets/npm';
const installed = process.env['LASTFIN_REQUIRE_ALL'] === '1' || existsSync(`${NPM}/node_modules`);

/** A published version that leaks, and the file that the finding must name. */
const LEAKY = [
  ['hp-abort', 'http-proxy', 'passes/web-incoming.js'],
  ['hp-abort', 'httpxy-bad', 'httpxy-bad/dist/index.mjs'],
  // with its defaults, @fastify/http-proxy 11.6.3 keeps its connection to a silent upstream when the client has gone
  ['hp-abort', 'fastify', 'undici/lib/core/connect.js'],
  ['hp-stream', 'http-proxy', 'passes/web-incoming.js'],
  ['ttn-proxy-rst', 'proxy', 'proxy/src/proxy.ts'],
  ['node-57946', 'pipe', `${NPM}/pipe.mjs`],
] as const;

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

const title = installed ? 'field issues' : 'field issues (skipped: not installed; `npm run setup` adds them)';
describe.skipIf(!installed)(title, () => {
  test.each(LEAKY)('%s: the leak of %s is found, in %s', async (scenario, target, file) => {
    const selection = [
      '--case',
      scenario === 'hp-abort' || scenario === 'hp-stream'
        ? `field/${scenario}[*node16*`
        : `field/${scenario}`,
    ];
    const { all } = await lastfin(['run', ...selection, '--target', `${NPM}/${target}.yaml`, '--out', out]);
    const [result] = (await latestReport(out)).results;
    const sockets = result?.findings.filter((one) => one.kind === 'leak' && one.resource === 'socket');
    const files = sockets?.flatMap((leak) => (leak.kind === 'leak' ? [leak.where[0]?.file] : []));
    expect(files, String(all)).toContainEqual(expect.stringContaining(file));
  });

  test('the good versions are silent', async () => {
    const { all } = await lastfin(['run', 'scenarios/field', '--out', out]);
    const { counts } = await latestReport(out);
    expect({ ...counts, passed: counts.passed >= 6 }, String(all)).toMatchObject({
      passed: true,
      failed: 0,
      error: 0,
    });
  });
});
