import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { Option } from '../../shared/vendor/commander.ts';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { casePattern, mayHold } from '../scenario/case-pattern.ts';
import { closest, suggestion } from '../../shared/yaml-file/did-you-mean.ts';
import { PACKAGE_ROOT } from '../../shared/package-root.ts';
import type { AdmissionContext } from '../run/admission/admit.ts';
import { type Loaded, loadNamed, type LoadOptions } from '../scenario/load/load-scenarios.ts';
import type { Case } from '../scenario/case.ts';
import type { Suite } from '../scenario/suite.ts';
import { fitCase } from '../targets/file/fit-case.ts';
import { loadTarget, targetLookup } from '../targets/file/target-file.ts';
import { type Target } from '../targets/file/target.ts';

/** Options that say which cases; shared by the commands that select some. */
export type Selection = {
  root?: string;
  case: string[];
  target?: string;
  /** only what this route of the target carries */
  route?: string;
  seed: number;
  /** each case on the target that its scenario was written for, whatever target file the folder has */
  asWritten?: boolean;
};

/** The target file that a run takes where none is named. */
export const DEFAULT_TARGET = 'lastfin.yaml';

const SHIPPED_SCENARIOS = path.relative('', path.join(PACKAGE_ROOT, 'scenarios'));
const OWN_SCENARIOS = 'scenarios';

export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new LastfinError('LASTFIN_USAGE', `a whole number of at least 1 is needed, not \`${value}\``);
  }
  return number;
}

function seedOf(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new LastfinError('LASTFIN_USAGE', `the seed is a whole number of at least 0, not \`${value}\``);
  }
  return number;
}

/** Options made anew for each command: commander keeps state in them. */
export function selectionOptions(): Option[] {
  return [
    new Option(
      '--root <folder>',
      'scenarios of this folder only; without it the shipped suite and those of ./scenarios',
    ),
    new Option(
      '-c, --case <id...>',
      'only these cases, or all cases of these scenarios; `*` stands for any text',
    ).default([], 'all'),
    new Option(
      '-t, --target <name-or-file>',
      `target to run on: a target file, or the name of a shipped one (default: ${DEFAULT_TARGET} where there is one, else the reference proxy)`,
    ),
    new Option(
      '--route <name>',
      'only cases that this route of the target carries; by default each runs on the first that carries it',
    ),
    new Option('-s, --seed <n>', 'the same seed gives the same run').argParser(seedOf).default(1),
  ];
}

/** A case on the target that it would run on. */
export type Chosen = Pick<AdmissionContext, 'target' | 'replaced' | 'named' | 'route'> & { testCase: Case };

export type Selected = { chosen: Chosen[] };

/** The suites that a command looks through: one that is named, or the shipped one and the user's own. */
export function suitesOf({ root }: Pick<Selection, 'root'>): Suite[] {
  if (root !== undefined) return [{ folder: root, prefix: '' }];
  const shipped = { folder: SHIPPED_SCENARIOS, prefix: '' };
  const hasOwn = existsSync(OWN_SCENARIOS) && realpathSync(OWN_SCENARIOS) !== realpathSync(SHIPPED_SCENARIOS);
  return hasOwn ? [shipped, { folder: OWN_SCENARIOS, prefix: `${OWN_SCENARIOS}/` }] : [shipped];
}

/**
 * Loads the scenarios and targets that the options ask for.
 *
 * @throws LastfinError `LASTFIN_SCENARIO_INVALID`, `LASTFIN_TARGET_INVALID`, or `LASTFIN_USAGE` when nothing is selected
 */
export function select(paths: readonly string[], options: Selection): Selected {
  const { seed } = options;
  const targets = options.root === undefined ? {} : { root: options.root };
  const byDefault = options.asWritten !== true && existsSync(DEFAULT_TARGET) ? DEFAULT_TARGET : undefined;
  const runTarget = options.target ?? byDefault;
  const loaded = new Map<string, Target>();
  const load = (name: string): Target => {
    const target = loaded.get(name) ?? loadTarget(name, targets);
    loaded.set(name, target);
    return target;
  };
  // before the scenarios: each of them would be told that its target is unknown
  if (runTarget !== undefined) load(runTarget);
  const suites = suitesOf(options);
  const { cases, named } = loadChosen(paths, options.case, {
    suites,
    seed,
    targets: targetLookup(targets),
    // shipped scenarios are written for the reference proxy, and checked against it
    targetOfOwn: runTarget ?? 'proxy',
    ...(options.root === undefined || runTarget === undefined ? {} : { reference: runTarget }),
    ...(options.target === undefined ? {} : { targetInstead: options.target }),
  });
  if (cases.length === 0) throw new LastfinError('LASTFIN_USAGE', `no scenarios in ${where(paths, suites)}`);
  const chosen = cases.map((testCase): Chosen => {
    const isNamed = options.case.length > 0 || named.has(testCase.id);
    // a scenario of one's own keeps its target unless another one is asked for by name
    const keeps =
      testCase.ownTarget &&
      (runTarget === undefined || (options.target === undefined && testCase.kind === 'own'));
    const name = keeps ? testCase.target : (runTarget ?? testCase.target);
    const target = load(name);
    if (options.route !== undefined) mustHaveRoute(target, options.route);
    return {
      testCase: fitCase(testCase, name, target, options.route),
      target,
      ...(options.route === undefined ? {} : { route: options.route }),
      replaced: testCase.ownTarget && name !== testCase.target,
      named: isNamed,
    };
  });
  return { chosen };
}

/** @throws LastfinError `LASTFIN_USAGE` */
function mustHaveRoute({ name, routes }: Target, route: string): void {
  if (Object.hasOwn(routes, route)) return;
  const hint = suggestion(route, Object.keys(routes));
  throw new LastfinError('LASTFIN_USAGE', `--route: the target \`${name}\` has no route \`${route}\`${hint}`);
}

/** Cases that the patterns name (no patterns: all). Files that hold none of them are not read: a suite takes a second. */
function loadChosen(paths: readonly string[], patterns: readonly string[], options: LoadOptions): Loaded {
  if (patterns.length === 0) return loadNamed(paths, options);
  const { cases, named } = loadNamed(paths, { ...options, only: mayHold(patterns) });
  const ids = cases.map(({ id }) => id);
  const wanted = new Set<string>();
  for (const pattern of patterns) {
    const isMeant = casePattern(pattern);
    // the name of a scenario stands for all cells of its matrix
    const matching = ids.filter((id) => isMeant(id) || isMeant(scenarioOf(id)));
    if (matching.length === 0) {
      const all = loadNamed(paths, options).cases;
      throw unknownCase(
        pattern,
        all.map(({ id }) => id),
      );
    }
    for (const id of matching) wanted.add(id);
  }
  return { cases: cases.filter(({ id }) => wanted.has(id)), named };
}

/** The id of a case without its cell of the matrix. */
function scenarioOf(id: string): string {
  return id.replace(/\[.*$/, '');
}

function unknownCase(pattern: string, ids: readonly string[]): LastfinError {
  const names = pattern.includes('[') ? ids : [...new Set(ids.map(scenarioOf))];
  const meant = closest(pattern, names);
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
  return new LastfinError(
    'LASTFIN_USAGE',
    `no case \`${pattern}\`${hint}\n\`npx lastfin list\` names all that apply to the target`,
  );
}

/** Whether a run would be on lastfin's own targets, in a folder where that is hardly meant. */
export function runsOnShippedTargets({ root, target }: Selection, paths: readonly string[]): boolean {
  return (
    target === undefined &&
    root === undefined &&
    paths.length === 0 &&
    !existsSync(DEFAULT_TARGET) &&
    realpathSync('.') !== realpathSync(PACKAGE_ROOT)
  );
}

function where(paths: readonly string[], suites: readonly Suite[]): string {
  return (paths.length > 0 ? paths : suites.map(({ folder }) => folder))
    .map((one) => path.relative('', one) || '.')
    .join(', ');
}
