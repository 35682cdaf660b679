import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { transformSync } from '@swc/wasm-typescript';
import { execa } from 'execa';

import type { Example } from './examples.ts';

/** Outcome of an example, with the error if it failed. */
export type Outcome = { example: Example; error?: string };

/**
 * Runs examples in one process of the folder where the package is installed, each as a module of its own. In scope are the exports of the
 * file that the example stands in, and those of `scope.mjs`. A line such as `parse('5s'); // 5000` must give what its remark says.
 */
export async function runExamples(folder: string, examples: readonly Example[]): Promise<Outcome[]> {
  const work = path.join(folder, 'examples');
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'scope.mjs'), SCOPE);
  // where the package's own paths are looked for
  await symlink('../node_modules/lastfin/scenarios', path.join(work, 'scenarios'));
  await symlink('../reports', path.join(work, 'reports'));
  await symlink('../proxy.yaml', path.join(work, 'proxy.yaml'));
  const journals = path.join(folder, 'reports/latest/journal');
  const journal = path.join('reports/latest/journal', readdirSync(journals)[0] ?? '');
  for (const [index, example] of examples.entries())
    await writeFile(path.join(work, `${index}.mjs`), moduleOf(example, journal));
  const runner = `
    const errors = [];
    for (let index = 0; index < ${examples.length}; index++) {
      try {
        await import('./' + index + '.mjs');
        errors.push(null);
      } catch (error) {
        errors.push(String(error?.stack ?? error).slice(0, 600));
      }
    }
    process.stderr.write('\\nOUTCOME ' + JSON.stringify(errors));
    process.exit();
  `;
  await writeFile(path.join(work, 'all.mjs'), runner);
  const { stderr } = await execa(process.execPath, [path.join(work, 'all.mjs')], {
    cwd: work,
    timeout: 240_000,
  });
  const errors = JSON.parse(stderr.split('OUTCOME ')[1] ?? '[]') as (string | null)[];
  return examples.map((example, index) => {
    const error = errors[index] === undefined ? 'it did not run' : errors[index];
    return { example, ...(error === null ? {} : { error }) };
  });
}

function moduleOf({ file, text }: Example, journal: string): string {
  const shipped = `../node_modules/lastfin/dist/${file.replace(/\.ts$/, '.js')}`;
  const exported = [
    ...readFileSync(file, 'utf8').matchAll(/^export (?:async )?(?:function\*?|class|const) (\w+)/gm),
  ].flatMap(([, name]) => name ?? []);
  const declared = new Set(
    [...text.matchAll(/\b(?:const|let) (?:\{ (\w+) \}|\[\{ (\w+) \}\]|(\w+))/g)].flatMap((found) =>
      found.slice(1),
    ),
  );
  const inScope = SCOPE_NAMES.filter((name) => !exported.includes(name) && !declared.has(name));
  const code = text
    .replaceAll(/'reports\/latest\/journal\/[^']+'/g, () => `'${journal}'`)
    .split('\n')
    .map(checked)
    .join('\n');
  const isImporting = /^import .* from 'lastfin/m.test(code);
  const throws = code.startsWith('throw ');
  const body = throws ? `try { ${code} } catch (error) { mustBeError(error); }` : code;
  const head = isImporting ? '' : `import { ${exported.join(', ')} } from '${shipped}';\n`;
  const scope = `import { check, mustBeError${isImporting ? '' : `, ${inScope.join(', ')}`} } from './scope.mjs';\n`;
  try {
    return transformSync(`${head}${scope}${body}`, { mode: 'strip-only' }).code;
  } catch (error) {
    const { message } = error as { message: string };
    return `throw new Error(${JSON.stringify(`is not TypeScript: ${message}`)});`;
  }
}

/** A line `expression; // value` as a comparison; others as they are. */
function checked(line: string): string {
  const [, expression, remark] = /^(?!const |let |await |import )(\S.*); \/\/ (.+)$/.exec(line) ?? [];
  return expression === undefined ? line : `check(${expression}, ${JSON.stringify(remark)});`;
}

/** Exports of `scope.mjs`. */
const SCOPE_NAMES = [
  'accepted',
  'client',
  'clock',
  'connections',
  'createLogger',
  'end',
  'entry',
  'examineMachine',
  'failed',
  'judge',
  'LastfinError',
  'loadScenarios',
  'loadTarget',
  'parseScenario',
  'passed',
  'plan',
  'readJournal',
  'record',
  'report',
  'results',
  'root',
  'startServer',
  'target',
  'targetLookup',
  'tcpListener',
  'Teardown',
  'teardown',
  'text',
  'writeFileSync',
];

const SCOPE = `
import { isDeepStrictEqual, inspect } from 'node:util';
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { LastfinError } from 'lastfin';
import { judge, readJournal } from 'lastfin';
import { loadScenarios } from '../node_modules/lastfin/dist/harness/scenario/load/load-scenarios.js';
import { parseScenario } from '../node_modules/lastfin/dist/harness/scenario/load/parse-scenario.js';
import { loadTarget, targetLookup } from '../node_modules/lastfin/dist/harness/targets/file/target-file.js';
import { Teardown } from '../node_modules/lastfin/dist/harness/lab/teardown.js';
import { systemClock } from '../node_modules/lastfin/dist/proxy/clock/clock.js';
import { createLogger } from '../node_modules/lastfin/dist/proxy/observe/logger.js';
import { tcpListener } from '../node_modules/lastfin/dist/proxy/settings.js';
export { judge, LastfinError, loadScenarios, loadTarget, targetLookup, createLogger, tcpListener, readJournal, parseScenario, Teardown };
export const root = 'scenarios';
export const target = loadTarget('proxy', { root });
export const [plan] = loadScenarios(['lifecycle/close-unused'], { root, seed: 1, targets: targetLookup({ root }) });
export const connections = new Map();
export const accepted = 0;
export const client = new EventEmitter();
export const text = 'about: x\\nclient: [open]';
export const report = JSON.parse(readFileSync('reports/latest/report.json', 'utf8'));
export const { results } = report;
export const passed = { ...results[0], verdict: 'passed', findings: [] };
export const failed = { ...results[0], verdict: 'failed' };
export const [entry] = await readJournal('reports/latest/' + results[0].journal);
export const clock = systemClock;
export const record = {};
export const end = () => undefined;
export const teardown = new Teardown();
export const startServer = async () => ({ close: () => undefined });
export const { examineMachine } = await import('../node_modules/lastfin/dist/harness/lab/machine.js').catch(() => ({ examineMachine: undefined }));
// files that an example writes stay in memory
export const writeFileSync = () => undefined;

/** Compares a value with a remark that is a literal; '…' in it stands for more. Other remarks are for people. */
export function check(value, remark) {
  const short = /,? ?…/.test(remark);
  let expected;
  try {
    expected = new Function('return (' + remark.replaceAll(/,? ?…/g, '') + ')')();
  } catch {
    return;
  }
  const seen = short && typeof expected === 'object' ? Object.fromEntries(Object.keys(expected).map((key) => [key, value[key]])) : value;
  if (short && typeof expected === 'string') return;
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(seen)), JSON.parse(JSON.stringify(expected))))
    throw new Error('says ' + remark + ', gives ' + inspect(value));
}

export function mustBeError(error) {
  if (!(error instanceof LastfinError) && !(error instanceof ReferenceError)) throw error;
}
`;
