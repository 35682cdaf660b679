import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import { has } from './optional.ts';
import { areFew, somePrograms } from './some-cells.ts';

const TARGETS = 'scenarios/targets';
/** A hunt is a scenario that drives the leaky programs it names. All that fail are meant to: none is tried again, or explained. */
const HUNT = ['--root', `${TARGETS}/leaky/hunt`, '--alone', '0', '--no-series'];

/** Every scenario of the hunt for the programs in Node; where the hunts are few, the one that drives most of them. */
const HUNTS = readdirSync(`${TARGETS}/leaky/hunt`)
  .filter((name) => name !== 'python.yaml' && (!areFew || name === 'close.yaml'))
  .map((name) => path.basename(name, '.yaml'));
const driven = HUNTS.map((name) => readFileSync(`${TARGETS}/leaky/hunt/${name}.yaml`, 'utf8')).join('\n');

/** In each leaky program the line that a finding must name says so: `// leak: timer`; on a line of its own it means the one above. */
const leaky = readdirSync(`${TARGETS}/leaky`)
  .filter((name) => name.endsWith('.mjs') && !name.startsWith('mended'))
  .filter((name) => !areFew || new RegExp(`\\b${path.basename(name, '.mjs')}\\b`).test(driven))
  .map((name) => {
    const file = `${TARGETS}/leaky/${name}`;
    const lines = readFileSync(file, 'utf8').split('\n');
    const index = lines.findIndex((text) => text.includes('// leak: '));
    const marked = lines[index] ?? '';
    const resource = /\/\/ leak: ([\w-]+)/.exec(marked)?.[1];
    const line = marked.trim().startsWith('//') ? index : index + 1;
    return { program: path.basename(name, '.mjs'), resource, file, line };
  });

const clean = somePrograms(
  readdirSync(`${TARGETS}/clean`).filter(
    (name) => name.endsWith('.yaml') && (has('python3') || !name.startsWith('python')),
  ),
).map((name) => `${TARGETS}/clean/${name}`);

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

describe('leaky programs', () => {
  let report: RunReport;

  beforeAll(async () => {
    await lastfin(['run', ...HUNT, '--case', ...HUNTS.map((name) => `${name}[*`), '--out', out]);
    report = await latestReport(out);
  }, 900_000);

  test('there are at least twenty, and no case has an error of the lab', () => {
    expect(leaky.length).toBeGreaterThanOrEqual(20);
    expect(report.counts.error).toBe(0);
  });

  test.each(leaky)('$program: a $resource is found, at $file:$line', ({ program, resource, file, line }) => {
    const cases = report.results.filter(({ cell }) => cell['program'] === program);
    expect(cases.length).toBeGreaterThan(0);
    for (const { findings } of cases) {
      const leaks = findings.filter((finding) => finding.kind === 'leak');
      const places = leaks.map((leak) => `${leak.resource} ${leak.where[0]?.file}:${leak.where[0]?.line}`);
      expect(places).toContain(`${resource} ${file}:${line}`);
    }
  });

  test('the mended programs pass each hunt', () => {
    const mended = report.results.filter(({ cell }) => String(cell['program']).startsWith('mended'));
    expect(mended.length).toBeGreaterThanOrEqual(areFew ? 1 : 10);
    expect(mended.flatMap(({ findings }) => findings.map(({ message }) => message))).toEqual([]);
  });
});

// a program in another language names no line: what it holds is told by state, address and age
describe.skipIf(!has('python3'))('leaky programs in Python, seen from outside', () => {
  test.each([
    [
      'python-proxy',
      'tcp',
      /^10 in ESTABLISHED: neither the target nor the upstream has ended it; such as 127/,
    ],
    ['zombies', 'zombie', /^`cat`: it has ended, and its parent never waited for it/],
  ])('%s: each %s is found', async (program, resource, words) => {
    const { all } = await lastfin(['run', ...HUNT, '--case', `python[program=${program}]`, '--out', out]);
    const [result] = (await latestReport(out)).results;
    const leaks = result?.findings.filter((finding) => finding.kind === 'leak');
    expect(leaks, String(all)).toHaveLength(1);
    expect(leaks?.[0]).toMatchObject({
      resource,
      count: 10,
      sample: expect.stringMatching(words) as string,
    });
  });
});

describe('clean programs that look suspicious', () => {
  test.each(clean)('%s: nothing is found', async (target) => {
    // what a script says over TCP is another thing over HTTP: a gateway has hunts of its own
    const protocol = /^(http|h2|ws|grpc)-/.exec(path.basename(target))?.[1];
    const hunts = ['--case', protocol === undefined ? '*=mended*' : `${protocol}-*=mended*`];
    const { exitCode, all } = await lastfin(['run', ...HUNT, ...hunts, '--target', target, '--out', out]);
    const { counts, results } = await latestReport(out);
    expect(results.flatMap(({ findings }) => findings.map(({ message }) => message))).toEqual([]);
    const least = protocol === undefined ? 6 : { http: 3, h2: 2, ws: 1, grpc: 1 }[protocol];
    expect(counts.passed, String(all)).toBeGreaterThanOrEqual(least ?? 1);
    expect(exitCode).toBe(0);
  });
});
