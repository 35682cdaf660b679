import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import type { RunReport } from '../harness/report/run-report.ts';
import { latestReport, runPlainly } from './command-line.ts';
import { has } from './optional.ts';
import { inOwnFolder } from './own-folder.ts';
import { areFew, shareOf, someOf } from '../shared/testing/share-of.ts';

const TARGETS = 'scenarios/targets';
/** A hunt is a scenario that drives the leaky programs it names. */
const HUNT = ['--root', `${TARGETS}/leaky/hunt`];

/** Every scenario of the hunt for the programs in Node. */
const HUNTS = readdirSync(`${TARGETS}/leaky/hunt`)
  .filter((name) => name !== 'python.yaml')
  .map((name) => path.basename(name, '.yaml'));

const programs = readdirSync(`${TARGETS}/leaky`)
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => path.basename(name, '.mjs'));

const isMended = (program: string): boolean => program.startsWith('mended');

/** In each leaky program the line that a finding must name says so: `// leak: timer`; on a line of its own it means the one above. */
const leaky = someOf(programs.filter((program) => !isMended(program))).map((program) => {
  const file = `${TARGETS}/leaky/${program}.mjs`;
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((text) => text.includes('// leak: '));
  const marked = lines[index] ?? '';
  const resource = /\/\/ leak: ([\w-]+)/.exec(marked)?.[1];
  const line = marked.trim().startsWith('//') ? index : index + 1;
  return { program, resource, file, line };
});

const clean = someOf(
  readdirSync(`${TARGETS}/clean`).filter(
    (name) => name.endsWith('.yaml') && (has('python3') || !name.startsWith('python')),
  ),
).map((name, index) => ({ target: `${TARGETS}/clean/${name}`, index }));

let out: string;
inOwnFolder((folder) => (out = folder));

describe('leaky programs', () => {
  let report: RunReport;

  beforeAll(async () => {
    const chosen = [...leaky.map(({ program }) => program), ...someOf(programs.filter(isMended))];
    const hunts = areFew
      ? chosen.map((program) => `*[program=${program}]`)
      : HUNTS.map((name) => `${name}[*`);
    await runPlainly([...HUNT, '--case', ...hunts, '--out', out]);
    report = await latestReport(out);
  }, 900_000);

  test('there are at least twenty, and no case has an error of the lab', () => {
    expect(leaky.length).toBeGreaterThanOrEqual(areFew ? 7 : 20);
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
    const mended = report.results.filter(({ cell }) => isMended(String(cell['program'])));
    expect(mended.length).toBeGreaterThanOrEqual(areFew ? 3 : 10);
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
    const { all } = await runPlainly([...HUNT, '--case', `python[program=${program}]`, '--out', out]);
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
  test.each(clean)('$target: nothing is found', async ({ target, index }) => {
    // what a script says over TCP is another thing over HTTP: a gateway has hunts of its own
    const protocolOf = (name: string) => /^(http|h2|ws|grpc|tls)-/.exec(name)?.[1];
    const own = HUNTS.filter((name) => protocolOf(name) === protocolOf(path.basename(target)));
    // the programs share the hunts, so that each hunt meets several of them
    const hunts = shareOf(own, { one: index, in: own.length > 4 ? 3 : 1 });
    const cases = hunts.map((name) => `${name}[*=mended*`);
    const { exitCode, all } = await runPlainly([
      ...HUNT,
      '--case',
      ...cases,
      '--target',
      target,
      '--out',
      out,
    ]);
    const { counts, results } = await latestReport(out);
    expect(results.flatMap(({ findings }) => findings.map(({ message }) => message))).toEqual([]);
    expect(counts.passed, String(all)).toBe(hunts.length);
    expect(exitCode).toBe(0);
  });
});
