import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { RunReport } from '../harness/report/run-report.ts';
import { latestReport, runPlainly } from './command-line.ts';

/** Program for Node.js that a test hunts, as its target file describes it. */
type Program = {
  /** path from the root of the repository */
  file: string;
  words: readonly string[];
  routes: Readonly<Record<string, object>>;
  /** Node.js that runs it; by default that of the test */
  program?: string;
};

/** Writes the target file of a program into a folder; resolves with its path. */
export async function targetOf(
  folder: string,
  { file, words, routes, program = process.execPath }: Program,
): Promise<string> {
  const command = [program, path.resolve(file), ...words];
  const target = path.join(
    folder,
    `${[path.basename(file, '.mjs'), ...words].join('-').replaceAll('/', '')}.yaml`,
  );
  await writeFile(target, JSON.stringify({ about: 'Program of a test.', kind: 'node', command, routes }));
  return target;
}

/** Runs cases on a target, with the reports in a folder; resolves with their results and all that was printed. */
export async function hunt(
  target: string,
  ids: readonly string[],
  out: string,
  options: { program?: string } = {},
): Promise<{ results: RunReport['results']; all: string }> {
  const cases = ids.flatMap((id) => ['--case', id]);
  const { all } = await runPlainly([...cases, '--target', target, '--out', out], options);
  return { results: (await latestReport(out)).results, all: String(all) };
}
