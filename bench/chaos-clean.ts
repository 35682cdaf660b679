/**
 * Clean-run campaign: the suite on the reference proxy, on programs that look suspicious and are clean, and on other people's proxies, until
 * the given number of cases has passed: a fifth of the cases of each in turn. Every finding is a false alarm.
 *
 *   npm run chaos:clean -- [--cases 1000] [--node /path/to/another/node]
 */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

import type { RunReport } from '../harness/report/run-report.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    node: { type: 'string', default: process.execPath },
  },
});
const wanted = Number(values.cases);
const { stdout: version } = await execa(values.node, ['--version']);

const CLEAN = 'scenarios/targets/clean';
const HUNT = ['--root', 'scenarios/targets/leaky/hunt', '--case'];
const programs = readdirSync(CLEAN)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => {
    const target = ['--target', `${CLEAN}/${name}`];
    if (name.startsWith('http-'))
      return ['scenarios/universal/http', 'scenarios/universal/faults', ...target];
    // a gateway of HTTP/2, WebSocket or gRPC has hunts of its own
    const [, protocol = ''] = /^((?:h2|ws|grpc)-)/.exec(name) ?? [];
    return [...HUNT, `${protocol}*=mended*`, ...target];
  });
/** Other people's: good versions only, with the areas that suit what they speak. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  'bare-pipe': ['universal/faults', 'universal/lifecycle', 'universal/tls'],
  haproxy: ['universal/faults', 'universal/lifecycle', 'universal/http2', 'universal/grpc'],
  'nginx-stream': ['universal/faults', 'universal/lifecycle'],
  'nginx-http': ['universal/http'],
  'npm/pipeline': ['universal/http'],
  ...(existsSync('scenarios/targets/npm/node_modules') && {
    'npm/httpxy-good': ['universal/http'],
    'npm/http-proxy-3-good': ['universal/http'],
    'npm/proxy-chain-3.0.1': ['universal'],
    'npm/proxy-chain-2.2.1': ['universal'],
    'npm/simple-socks-3.2.0': ['universal'],
  }),
};
const foreign = Object.entries(FOREIGN).map(([name, paths]) => [
  ...paths.map((folder) => `scenarios/${folder}`),
  '--target',
  `scenarios/targets/${name}.yaml`,
]);
/** Turns in which all cases are run once. */
const TURNS = 5;
/** Each is one call of `lastfin run`. */
const rounds = [[], ...programs, ...foreign];

const out = await mkdtemp(path.join(tmpdir(), 'lastfin-clean-'));
const main = path.resolve(import.meta.dirname, '../harness/cli/main.js');
let passed = 0;
let skipped = 0;
const alarms: string[] = [];
const errors: string[] = [];
const start = performance.now();
try {
  // turns are not cut off: each program has its say
  for (let turn = 0; passed < wanted; turn++) {
    const before = passed;
    for (const round of rounds) {
      // another seed each turn, so that races fall differently
      const seed = String(turn + 1);
      const words = [main, 'run', ...round, '--seed', seed, '--shard', `${(turn % TURNS) + 1}/${TURNS}`];
      await execa(process.execPath, [...words, '--out', out], {
        reject: false,
        env: { LASTFIN_NODE: values.node },
      });
      const report = JSON.parse(await readFile(path.join(out, 'latest', 'report.json'), 'utf8')) as RunReport;
      passed += report.counts.passed;
      skipped += report.counts.skipped;
      for (const { id, target, verdict, findings, reason } of report.results) {
        if (verdict === 'error') errors.push(`${id} on ${target}: ${reason}`);
        if (verdict === 'failed' || verdict === 'flaky') {
          alarms.push(`${id} on ${target}, seed ${seed}: ${findings[0]?.message}`);
          process.stdout.write(`${alarms.at(-1)}\n`);
        }
      }
      process.stdout.write(`${passed} passed, ${alarms.length} false alarms, ${errors.length} errors\n`);
    }
    // a lab that passes nothing would go on for ever
    if (passed === before) break;
  }
} finally {
  // the journals of an alarm are what it can be understood by
  if (alarms.length === 0) await rm(out, { recursive: true, force: true });
  else process.stdout.write(`journals: ${out}\n`);
}
for (const line of [...alarms, ...errors]) process.stdout.write(`${line}\n`);
process.stdout.write(
  `targets on Node ${version}: ${passed} cases passed, ${skipped} skipped, ${alarms.length} false alarms, ` +
    `${errors.length} errors of the lab, in ${Math.round((performance.now() - start) / 1000)} s\n`,
);
process.exitCode = passed >= wanted && alarms.length === 0 && errors.length === 0 ? 0 : 1;
