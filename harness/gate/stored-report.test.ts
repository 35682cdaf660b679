import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { toJson } from '../report/files/json.ts';
import { aResult, aRun } from '../report/testing/sample-run.ts';
import { readReport, timesOf } from './stored-report.ts';

const folder = temporaryFolder('stored-report-test');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const good = toJson(aRun());

test('a report is found by its file, its folder, or the reports folder whose latest run it is', () => {
  const run = path.join(folder, 'reports', 'runs', 'one');
  mkdirSync(run, { recursive: true });
  writeFileSync(path.join(run, 'report.json'), good);
  // as it is where symbolic links fail
  writeFileSync(path.join(folder, 'reports', 'latest'), 'runs/one\n');
  for (const where of [path.join(run, 'report.json'), run, path.join(folder, 'reports')])
    expect(readReport(where), where).toEqual(JSON.parse(good));
});

test.each([
  ['missing', undefined, 'holds no report.json'],
  ['cut off', good.slice(0, good.length / 2), 'it may have been cut off'],
  ['empty', '', 'it may have been cut off'],
  ['of another version', good.replace('"report": 1', '"report": 2'), 'it is of another version than 1'],
  ['something else', '{}', 'is no report of this lastfin'],
])('a report that is %s is refused with the reason, and left as it is', (name, text, says) => {
  const run = path.join(folder, name.replaceAll(' ', '-'));
  mkdirSync(run);
  const file = path.join(run, 'report.json');
  if (text !== undefined) writeFileSync(file, text);
  expect(() => readReport(run)).toThrow(says);
  if (text !== undefined) expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the time of a case is that of an attempt, without what the machine kept from it', () => {
  const results = [
    aResult({ id: 'a', took: 1000 }),
    aResult({ id: 'b', took: 9000, starved: 6000, attempts: 3 }),
    aResult({ id: 'c', took: 1000, starved: 5000 }),
    aResult({ id: 'd', verdict: 'skipped', took: 1 }),
  ];
  expect([...timesOf({ results })]).toEqual([
    ['a', 1000],
    ['b', 1000],
    ['c', 200],
  ]);
});
