import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

import { dropUndefined } from '../../../shared/drop-undefined.ts';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { PACKAGE_ROOT } from '../../../shared/package-root.ts';
import { AgentReporter } from '../../report/ci/agent.ts';
import { toCodeQuality } from '../../report/ci/code-quality.ts';
import { toCtrf } from '../../report/ci/ctrf.ts';
import { GithubReporter } from '../../report/ci/github.ts';
import { toMarkdown } from '../../report/ci/markdown.ts';
import { toSarif } from '../../report/ci/sarif.ts';
import { toTap } from '../../report/ci/tap.ts';
import { FileOutput } from '../../report/files/file-output.ts';
import { toJson } from '../../report/files/json.ts';
import { toJUnit } from '../../report/files/junit.ts';
import { PrintedReport } from '../../report/files/printed-report.ts';
import type { Reporter, TextOutput } from '../../report/reporter.ts';
import { DotReporter } from '../../report/terminal/dot.ts';
import { type Detail, TerminalReporter, type TerminalOptions } from '../../report/terminal/terminal.ts';
import { TraceReporter } from '../../report/trace/trace-reporter.ts';
import { describe, type ReporterChoice, type ReporterName } from './choice.ts';
import { rootsOf } from './environment.ts';
import { GuardedReporter } from './guarded-reporter.ts';
import { loadOwnReporter } from './own-reporter.ts';
import { stepSummary } from './step-summary.ts';

/** Reporters whose output another program reads: nothing else may stand on stdout. */
const FOR_PROGRAMS: ReadonlySet<ReporterName> = new Set([
  'json',
  'junit',
  'sarif',
  'gitlab',
  'ctrf',
  'markdown',
  'tap',
  'trace',
]);

export type ReporterOptions = Pick<TerminalOptions, 'rerun' | 'journal' | 'page'> & {
  choices: readonly ReporterChoice[];
  detail: Detail;
  /** false: no colours; true: colours where the output is a terminal */
  color: boolean;
  /** the folder of the run, once it is known */
  folder: () => string | undefined;
};

/**
 * Makes the reporters that the user chose. Beside one that another program reads on stdout, those for people write to stderr.
 *
 * @throws LastfinError `LASTFIN_USAGE` for two reports on one stdout or in one file, or for a module that is no reporter
 */
export async function makeReporters(options: ReporterOptions): Promise<Reporter[]> {
  const { choices } = options;
  const printed = choices.filter(
    (choice) => choice.path === undefined && 'name' in choice && FOR_PROGRAMS.has(choice.name),
  );
  if (printed.length > 1) {
    const names = printed.map(describe);
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--reporter ${names.join(',')}: only one report fits on stdout; give the others a file, such as \`${names[1]}=FILE\``,
    );
  }
  const files = choices.flatMap(({ path: file }) => (file === undefined ? [] : [path.resolve(file)]));
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined)
    throw new LastfinError('LASTFIN_USAGE', `--reporter: two reporters write the same file, ${twice}`);
  const people = printed.length === 0 ? process.stdout : process.stderr;
  const reporters: Reporter[] = [];
  for (const choice of choices) {
    const file = choice.path === undefined ? undefined : new FileOutput(choice.path);
    reporters.push(...(await makeOne(choice, options, file ?? { people })));
    if (file !== undefined) reporters.push(file);
  }
  return reporters;
}

async function makeOne(
  choice: ReporterChoice,
  { detail, color, folder, rerun, journal, page }: ReporterOptions,
  to: FileOutput | { people: NodeJS.WriteStream },
): Promise<Reporter[]> {
  const inFile = to instanceof FileOutput;
  const people: TextOutput | NodeJS.WriteStream = inFile ? to : to.people;
  const output = inFile ? to : process.stdout;
  const painted = inFile || !color ? { color: false } : {};
  const report = (format: ConstructorParameters<typeof PrintedReport>[0]): Reporter[] => [
    new PrintedReport(format, output),
  ];
  if ('module' in choice) {
    const text: TextOutput = inFile ? to : { write: (written) => void to.people.write(written) };
    return [new GuardedReporter(await loadOwnReporter(choice.module, text), choice.module)];
  }
  const roots = rootsOf(process.env, process.cwd());
  switch (choice.name) {
    case 'terminal': {
      const links = { rerun, ...dropUndefined({ journal, page }) };
      return [new TerminalReporter({ ...links, ...setup(), ...painted, stream: people, detail })];
    }
    case 'dot':
      return [new DotReporter({ ...painted, stream: people })];
    case 'agent':
      return [new AgentReporter(people, folder)];
    case 'github': {
      const summary = stepSummary(process.env['GITHUB_STEP_SUMMARY']);
      return [new GithubReporter({ output: people, roots, ...summary })];
    }
    case 'json':
      return report(toJson);
    case 'junit':
      return report((one) => toJUnit(one, { hostname: hostname() }));
    case 'sarif':
      return report((one) => toSarif(one, roots));
    case 'gitlab':
      return report((one) => toCodeQuality(one, roots));
    case 'ctrf':
      return report(toCtrf);
    case 'markdown':
      return report((one) => toMarkdown(one));
    case 'tap':
      return report(toTap);
    case 'trace':
      return [new TraceReporter(output)];
    case 'silent':
      return [];
    default:
      return choice.name satisfies never;
  }
}

/** In a checkout of lastfin one command installs all that is missing. */
function setup(): Pick<TerminalOptions, 'setup'> {
  const inCheckout = path.resolve() === PACKAGE_ROOT && existsSync(path.join(PACKAGE_ROOT, 'scripts/setup'));
  return inCheckout ? { setup: 'npm run setup' } : {};
}
