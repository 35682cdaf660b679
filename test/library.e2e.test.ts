import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import type * as Library from '../index.ts';
import { latestReport } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

const CASE = 'lifecycle/close-unused[by=client]';

// workers are started from the compiled files
const { FilesReporter, runSuite, selectCases } = (await import(
  path.resolve('dist/index.js')
)) as typeof Library;

let folder: string;
inOwnFolder((made) => (folder = made));

test('a run as a function tells its reporters, writes the files and resolves with the report', async () => {
  const before = process.listenerCount('SIGINT');
  const told: string[] = [];
  const report = await runSuite({ cases: selectCases([], { case: [CASE], target: 'proxy' }) }, [
    new FilesReporter(folder),
    {
      onRunStart: ({ targets }) => void told.push(`start on ${targets.join()}`),
      onCaseStart: ({ id }) => void told.push(`case ${id}`),
      onCaseEnd: ({ verdict }) => void told.push(verdict),
      onRunEnd: ({ summary }) => void told.push(summary),
    },
  ]);
  expect(told).toEqual(['start on proxy', `case ${CASE}`, 'passed', '1 case passed']);
  expect(report).toMatchObject({ exitCode: 0, interrupted: false, counts: { passed: 1 } });
  expect(await latestReport(folder)).toEqual(JSON.parse(JSON.stringify(report)));
  expect([process.listenerCount('SIGINT'), process.exitCode]).toEqual([before, undefined]);
});

test('an aborted run resolves with the report of what was finished', async () => {
  const stop = new AbortController();
  const report = await runSuite(
    { cases: selectCases(['lifecycle'], { target: 'proxy' }), jobs: 1, signal: stop.signal },
    [
      {
        onCaseEnd: () => {
          stop.abort(new Error('enough'));
        },
      },
    ],
  );
  expect(report).toMatchObject({ interrupted: true, exitCode: 130 });
  expect(report.results).toHaveLength(1);
});

test('cases that do not apply to their target are refused, not passed over', async () => {
  const cases = selectCases([], { case: ['limits/*'], target: 'haproxy' });
  await expect(runSuite({ cases: cases.map((one) => ({ ...one, named: false })) })).rejects.toMatchObject({
    code: 'LASTFIN_USAGE',
  });
});

test('the examples of the library have right types, and a wrong one would be refused', async () => {
  const sources = await Promise.all(
    ['index.ts', 'harness/suite/run-suite.ts'].map((file) => readFile(file, 'utf8')),
  );
  const examples = sources
    .flatMap((text) => [...text.matchAll(/@example\n((?:[ \t]*\* (?!@).*\n)+)/g)])
    .map(([, lines = '']) => lines.replaceAll(/^[ \t]*\* ?/gm, ''));
  expect(examples).toHaveLength(4);
  const wrong = "import { runSuite } from 'lastfin';\nawait runSuite({ cases: 3 });\n";
  for (const [index, text] of [...examples, wrong].entries())
    await writeFile(path.join(folder, `${index}.mts`), text);
  await writeFile(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ['node'],
        typeRoots: [path.resolve('node_modules/@types')],
        paths: { lastfin: [path.resolve('dist/index.d.ts')] },
      },
      include: ['*.mts'],
    }),
  );
  const { stdout } = await execa(path.resolve('node_modules/.bin/tsc'), ['-p', folder], { reject: false });
  const files = [...stdout.matchAll(/(\d+)\.mts\(/g)].map(([, index]) => index);
  expect(files, stdout).toEqual(['4']);
});
