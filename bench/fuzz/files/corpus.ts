import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { execa } from 'execa';

import { compiled, PACKAGE_ROOT } from '../../../shared/package-root.ts';
import type { Corpus } from './generate.ts';

const SCENARIOS = path.join(PACKAGE_ROOT, 'scenarios');

/** Files that come with lastfin, the config of docs/proxy.md, and the journals and the report of a small run on a target that leaks. */
export async function readCorpus(work: string): Promise<Corpus> {
  const folder = path.join(work, 'run');
  const target = path.join(SCENARIOS, 'targets/leaky/half-open.yaml');
  const cases = ['faults/client-reset*', 'lifecycle/half-close*'].flatMap((one) => ['--case', one]);
  const main = compiled('harness/cli/main.js');
  await execa(
    process.execPath,
    [main, 'run', ...cases, '--target', target, '--out', folder, '-q', '--jobs', '2'],
    {
      reject: false,
      cwd: PACKAGE_ROOT,
      stdio: 'ignore',
    },
  );
  const latest = path.join(folder, 'latest');
  return {
    scenario: [
      ...textsBelow(path.join(SCENARIOS, 'universal'), '.yaml'),
      ...textsBelow(path.join(SCENARIOS, 'contract'), '.yaml'),
    ],
    target: textsBelow(path.join(SCENARIOS, 'targets'), '.yaml'),
    mutant: textsBelow(path.join(SCENARIOS, 'mutants'), '.yaml'),
    config: configs(),
    journal: textsBelow(path.join(latest, 'journal'), '.jsonl'),
    report: [readFileSync(path.join(latest, 'report.json'), 'utf8')],
  };
}

function textsBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .toSorted()
    .map((file) => readFileSync(path.join(folder, file), 'utf8'));
}

/** The YAML of the proxy's page, and a small one that needs no certificates. */
function configs(): string[] {
  const page = readFileSync(path.join(PACKAGE_ROOT, 'docs/proxy.md'), 'utf8');
  const blocks = page
    .split('```yaml\n')
    .slice(1)
    .map((block) => block.split('```')[0] ?? '');
  return [
    ...blocks,
    'listeners:\n  - listen: 127.0.0.1:0\n    routes: [{ mode: tcp, upstreams: [127.0.0.1:1] }]\n',
  ];
}
