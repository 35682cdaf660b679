import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { casePattern, mayHold } from '../scenario/case-pattern.ts';
import { closest, suggestion } from '../../shared/yaml-file/did-you-mean.ts';
import { PACKAGE_ROOT } from '../../shared/package-root.ts';
import { type Loaded, loadNamed, type LoadOptions } from '../scenario/load/load-scenarios.ts';
import type { Suite } from '../scenario/suite.ts';
import { fitCase } from '../targets/file/fit-case.ts';
import { loadTarget, targetLookup } from '../targets/file/target-file.ts';
import type { Target } from '../targets/file/target.ts';
import type { ChosenCase } from './chosen-case.ts';

/** Selection of cases, and of a target. */
export type Selection = {
  /** folder of scenarios and shipped targets; absent: the suite that comes with lastfin, and `./scenarios` */
  root?: string;
  /** ids of cases or names of scenarios, `*` stands for any text; empty: all */
  case?: readonly string[];
  /** a target file, the name of a shipped one, or a loaded one; absent: `lastfin.yaml` where there is one, else the reference proxy */
  target?: string | LoadedTarget;
  /** only the cases that this route of the target carries */
  route?: string;
  /** the same seed plans the same cases; default: 1 */
  seed?: number;
  /** each case on the target that its scenario was written for, whatever target file the folder has */
  asWritten?: boolean;
};

/** A target that is loaded already; everything but its name is for lastfin itself. */
export type LoadedTarget = { readonly name: string };

/** Target file of a run that names none. */
export const DEFAULT_TARGET = 'lastfin.yaml';

/** Relative to the working directory of the call: a test may have changed it since this file was loaded. */
const shippedScenarios = (): string => path.relative('', path.join(PACKAGE_ROOT, 'scenarios'));
const OWN_SCENARIOS = 'scenarios';

/** Suites to select from: the named one, or the shipped one and the user's own. */
export function suitesOf({ root }: Pick<Selection, 'root'>): Suite[] {
  if (root !== undefined) return [{ folder: root, prefix: '' }];
  const shipped = { folder: shippedScenarios(), prefix: '' };
  const hasOwn = existsSync(OWN_SCENARIOS) && realpathSync(OWN_SCENARIOS) !== realpathSync(shipped.folder);
  return hasOwn ? [shipped, { folder: OWN_SCENARIOS, prefix: `${OWN_SCENARIOS}/` }] : [shipped];
}

/**
 * Loads scenarios and targets, and selects cases among them.
 *
 * @param paths areas, scenario files or folders; none: all
 * @example
 * import { selectCases } from 'lastfin';
 * selectCases(['lifecycle'], { target: 'proxy', seed: 7 }).length > 10; // true
 * @throws LastfinError `LASTFIN_SCENARIO_INVALID`, `LASTFIN_TARGET_INVALID`, or `LASTFIN_USAGE` when nothing is selected
 */
export function selectCases(paths: readonly string[], options: Selection = {}): ChosenCase[] {
  const { seed = 1, case: ids = [] } = options;
  const targets = options.root === undefined ? {} : { root: options.root };
  const byDefault = options.asWritten !== true && existsSync(DEFAULT_TARGET) ? DEFAULT_TARGET : undefined;
  const asked = typeof options.target === 'object' ? options.target.name : options.target;
  const runTarget = asked ?? byDefault;
  // the public type leaves out the schema of target files
  const given = typeof options.target === 'object' ? [options.target as Target] : [];
  const loaded = new Map<string, Target>(given.map((target) => [target.name, target]));
  const load = (name: string): Target => {
    const target = loaded.get(name) ?? loadTarget(name, targets);
    loaded.set(name, target);
    return target;
  };
  // loaded before the scenarios: otherwise each of them would report an unknown target
  if (runTarget !== undefined) load(runTarget);
  const suites = suitesOf(options);
  const { cases, named } = loadChosen(paths, ids, {
    suites,
    seed,
    targets: targetLookup(targets, given),
    // shipped scenarios are written for the reference proxy, and checked against it
    targetOfOwn: runTarget ?? 'proxy',
    ...(options.root === undefined || runTarget === undefined ? {} : { reference: runTarget }),
    ...(asked === undefined ? {} : { targetInstead: asked }),
  });
  if (cases.length === 0) throw new LastfinError('LASTFIN_USAGE', `no scenarios in ${where(paths, suites)}`);
  return cases.map((testCase): ChosenCase => {
    const isNamed = ids.length > 0 || named.has(testCase.id);
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
}

/** Checks `--route`. @throws LastfinError `LASTFIN_USAGE` for a route that the target does not have */
function mustHaveRoute({ name, routes }: Target, route: string): void {
  if (Object.hasOwn(routes, route)) return;
  const hint = suggestion(route, Object.keys(routes));
  throw new LastfinError('LASTFIN_USAGE', `--route: the target \`${name}\` has no route \`${route}\`${hint}`);
}

/** Loads the cases that the patterns name (no patterns: all). Files that hold none of them are not read: a whole suite takes a second. */
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

/** Whether a run would use lastfin's own targets by default, outside lastfin's own checkout. */
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
