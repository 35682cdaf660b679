import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { validate } from 'ctrf';
import { beforeAll, describe, expect, test } from 'vitest';

import { traceProblem } from '../harness/report/trace/testing/trace-problem.ts';
import { lastfin, latestReport } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

const CASE = ['--case', 'lifecycle/close-unused[by=client]'];
const CLEAN = [...CASE, '--target', 'proxy'];
const LEAKY = [...CASE, '--target', 'scenarios/targets/leaky/collection.yaml'];

let folder: string;
inOwnFolder((made) => (folder = made));

const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8');

describe('one run with every reporter', () => {
  const FILES = {
    sarif: 'deep/er/lastfin.sarif',
    gitlab: 'gl-code-quality-report.json',
    ctrf: 'ctrf.json',
    markdown: 'report.md',
    tap: 'report.tap',
    trace: 'trace.json',
    junit: 'j.xml',
    dot: 'dot.txt',
    terminal: 'terminal.txt',
    json: 'r.json',
  };
  let run: { exitCode?: number; stdout: string; stderr: string };

  beforeAll(async () => {
    const example =
      /```mjs\n(\/\/ slow\.mjs\n[^]*?)```/.exec(await readFile('docs/ci.md', 'utf8'))?.[1] ?? '';
    await writeFile(path.join(folder, 'slow.mjs'), example);
    const inFiles = Object.entries(FILES).map(([name, file]) => `${name}=${path.join(folder, file)}`);
    const own = `${path.join(folder, 'slow.mjs')}=${path.join(folder, 'slow.txt')}`;
    const summary = path.join(folder, 'summary.md');
    await writeFile(summary, '# what another command wrote\n');
    run = (await lastfin(
      ['run', ...LEAKY, '--out', path.join(folder, 'out'), '--reporter', 'agent', 'github', own, ...inFiles],
      { env: { GITHUB_STEP_SUMMARY: summary, FORCE_COLOR: '1' } },
    )) as typeof run;
    // a machine that is busy takes its time
  }, 240_000);

  test('stdout has the outcome for agents, then the annotations', () => {
    expect(run.exitCode, run.stderr).toBe(1);
    const lines = run.stdout.split('\n');
    expect(lines[0]).toBe('1 case failed, 1 cause. cases: 1 failed; exit code 1');
    expect(lines[1]).toMatch(/^1\. leak\/collection: 20 entries in a long-lived collection left /);
    expect(lines.at(-1)).toMatch(
      /^::error file=scenarios\/targets\/leaky\/collection\.mjs,line=11,col=15,title=/,
    );
    expect(lines.filter((line) => line.startsWith('::'))).toHaveLength(1);
  });

  test('the summary of the step is added to what is there', async () => {
    expect(await read('summary.md')).toMatch(
      /^# what another command wrote\n## ❌ lastfin: 1 case failed, 1 cause\n/,
    );
  });

  test('each file is whole, and none is coloured', async () => {
    for (const file of Object.values(FILES)) {
      const text = await read(file);
      expect(text, file).toContain('lifecycle/close-unused');
      expect(text, file).not.toContain('\u001B');
    }
    expect(await read(FILES.json)).toBe(await read('out/latest/report.json'));
    expect(JSON.parse(await read(FILES.sarif))).toMatchObject({ version: '2.1.0' });
    expect(JSON.parse(await read(FILES.gitlab))).toMatchObject([
      { location: { path: 'scenarios/targets/leaky/collection.mjs' } },
    ]);
    expect(validate(JSON.parse(await read(FILES.ctrf))).valid).toBe(true);
    expect(await read(FILES.tap)).toMatch(/^TAP version 14\n1\.\.1\nnot ok 1 - /);
  });

  test('the trace of a real case is well-formed', async () => {
    const { traceEvents } = JSON.parse(await read(FILES.trace)) as { traceEvents: never[] };
    expect(traceEvents.length).toBeGreaterThan(5);
    expect(traceProblem(traceEvents)).toBeUndefined();
  });

  test("junit.xml of the run's folder has the host, and attaches the journal", async () => {
    const xml = await read('out/latest/junit.xml');
    expect(xml).toMatch(/ hostname="[^"]+"/);
    const [, journal = ''] = /\[\[ATTACHMENT\|([^\]]+)\]\]/.exec(xml) ?? [];
    expect(path.isAbsolute(journal)).toBe(true);
    expect(await readFile(journal, 'utf8')).toContain('"type":"case"');
  });

  test('the reporter that the page shows writes its file', async () => {
    expect(await read('slow.txt')).toMatch(/^\d+ ms {2}lifecycle\/close-unused\[by=client\]\n$/);
  });

  test('each case says when it began', async () => {
    const { results, started } = await latestReport(path.join(folder, 'out'));
    const began = Date.parse(results[0]?.started ?? '');
    expect(began).toBeGreaterThanOrEqual(Date.parse(started));
  });
});

describe('what is on by itself', () => {
  const clean = (env: Record<string, string>, ...more: string[]): ReturnType<typeof lastfin> =>
    lastfin(['run', ...CLEAN, '--out', path.join(folder, 'clean'), ...more], { env });

  test('a runner of GitHub gets the summary; with --reporter it gets what was chosen', async () => {
    const summary = path.join(folder, 'clean.md');
    const { exitCode, stdout } = await clean({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 case: 1 passed');
    expect(stdout).not.toMatch(/^::/m);
    const written = await readFile(summary, 'utf8');
    expect(written).toMatch(/^## ✅ lastfin: 1 case passed\n/);
    await clean({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }, '--reporter', 'dot');
    expect(await readFile(summary, 'utf8')).toBe(written);
  });

  test('a coding agent gets one line where all passed', async () => {
    const { stdout } = await clean({ AI_AGENT: 'somebody' });
    expect(stdout).toBe('1 case passed. cases: 1 passed; exit code 0');
  });
});

describe('what goes wrong', () => {
  test('a hook that throws: the run goes on, exit 3, and the other reports are complete', async () => {
    const module = path.join(folder, 'throws.mjs');
    await writeFile(module, 'export class Mine { onCaseEnd() { throw new Error("mine is broken"); } }\n');
    const out = path.join(folder, 'throws');
    const { exitCode, stderr, stdout } = await lastfin([
      'run',
      ...CLEAN,
      '--out',
      out,
      '--reporter',
      module,
      'tap',
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`the reporter ${module} threw in onCaseEnd: Error: mine is broken`);
    expect(stderr).toContain('LASTFIN_REPORTER');
    expect(stdout).toMatch(/^ok 1 - lifecycle/m);
    expect((await latestReport(out)).counts.passed).toBe(1);
  });

  test.each([
    [['--reporter', 'no-such.mjs'], /there is no such file/],
    [
      ['--reporter', 'sarif,json'],
      /only one report fits on stdout; give the others a file, such as `json=FILE`/,
    ],
    [['--reporter', 'sarif=x.json,json=./x.json'], /two reporters write the same file/],
    [
      ['--reporter', 'json=package.json/x.json'],
      /the folder of package.json\/x.json \(--reporter\) cannot be written/,
    ],
  ])('%j: exit 2, before the run', async (args, message) => {
    const out = path.join(folder, 'none');
    const { exitCode, stderr } = await lastfin(['run', ...CLEAN, '--out', out, ...args]);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });

  test('a file that cannot be written: exit 3, and the other reports are complete', async () => {
    const file = path.join(folder, 'is-a-folder');
    await mkdir(file);
    const out = path.join(folder, 'unwritable');
    const { exitCode, stderr } = await lastfin(['run', ...CLEAN, '--out', out, '--reporter', `json=${file}`]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /the report .*is-a-folder \(--reporter\) cannot be written: a folder stands where a file is needed/,
    );
    expect((await latestReport(out)).counts.passed).toBe(1);
  });
});
