import { existsSync } from 'node:fs';
import path from 'node:path';
import { findScenarioFiles } from './find-scenario-files.ts';
import { parseScenario } from './parse-scenario.ts';
import { type PlanOptions, tryPlanCases } from './plan-cases.ts';
import { readTextOr, throwProblems } from '../../../shared/yaml-file/problem.ts';
import type { Case } from '../case.ts';
import type { Suite } from '../suite.ts';

export type LoadOptions = PlanOptions & {
  /** folder of the only suite, `scenarios` by default: ids are paths below it, and its `targets` and `mutants` are skipped */
  root?: string;
  /** several suites, instead of `root` */
  suites?: readonly Suite[];
  /** chooses scenarios whose files are read; the others stay unread (default: all) */
  only?: (scenario: string) => boolean;
};

/** Cases of the chosen files; `named` has the ids of those whose file was named directly. */
export type Loaded = { cases: Case[]; named: ReadonlySet<string> };

/**
 * Loads the cases of all scenario files at or below `paths` (default: every suite), sorted by id. A path may be an area, such as `faults`.
 *
 * @throws {LastfinError} LASTFIN_SCENARIO_INVALID once, with every problem of every file: its `facts.problems` are
 * `{ file, line, column, message }`.
 * @example
 * import { loadScenarios } from 'lastfin';
 *
 * const cases = loadScenarios(['faults'], { root: 'scenarios', seed: 1 });
 * console.log(cases.map(({ id }) => id));
 */
export function loadScenarios(paths: readonly string[], options: LoadOptions = {}): Case[] {
  return loadNamed(paths, options).cases;
}

/** Loads cases, and tells which were named directly. */
export function loadNamed(
  paths: readonly string[],
  { root = 'scenarios', suites = [{ folder: root, prefix: '' }], only = () => true, ...plan }: LoadOptions,
): Loaded {
  const { files, direct, problems } = findScenarioFiles(paths, suites);
  const cases: Case[] = [];
  for (const { path: place, name, kind } of files.filter((file) => only(file.name))) {
    const text = readTextOr(problems, place, displayPath(place));
    if (text === undefined) continue;
    const parsed = parseScenario(name, displayPath(place), text, kind);
    problems.push(...parsed.problems);
    if (parsed.scenario === undefined) continue;
    const planned = tryPlanCases(parsed.scenario, {
      ...plan,
      targetPath: (target) => besideFile(target, place),
    });
    problems.push(...planned.problems);
    cases.push(...planned.cases);
  }
  throwProblems('LASTFIN_SCENARIO_INVALID', problems);
  const named = new Set(cases.flatMap(({ id, scenario }) => (direct.has(scenario) ? [id] : [])));
  return { cases: cases.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)), named };
}

/** Resolves a target's path: beside the scenario first, then in the working directory; a name stays a name. */
function besideFile(target: string, scenario: string): string {
  if (!isTargetPath(target)) return target;
  const beside = path.resolve(path.dirname(scenario), target);
  const here = path.resolve(target);
  // if neither exists, the message names the preferred place
  return displayPath(!existsSync(beside) && existsSync(here) ? here : beside);
}

/** Whether a target is given by a path, not by the name of a file in `targets`. */
export function isTargetPath(target: string): boolean {
  return /[/\\]|\.yaml$/.test(target);
}

/** Shortest form of a path that still opens from here. */
export function displayPath(file: string): string {
  const fromHere = path.relative(process.cwd(), path.resolve(file));
  return fromHere.startsWith('..') ? path.resolve(file) : fromHere;
}
