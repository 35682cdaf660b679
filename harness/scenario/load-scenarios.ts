import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { findScenarioFiles } from './find-scenario-files.ts';
import { parseScenario } from './parse-scenario.ts';
import { type PlanOptions, tryPlanCases } from './plan-cases.ts';
import { type Problem, throwProblems } from '../../yaml-file/problem.ts';
import type { Case } from './scenario.ts';

export type LoadOptions = PlanOptions & {
  /** the scenarios root, `scenarios` by default: ids are paths below it, and its `targets` and `mutants` are skipped */
  root?: string;
};

/**
 * The cases of all scenario files at or below `paths` (no paths: the whole root), sorted by id.
 *
 * @throws {LastfinError} LASTFIN_SCENARIO_INVALID once, with every problem of every file: its `facts.problems` are
 * `{ file, line, column, message }`.
 * @example
 * const cases = loadScenarios(['scenarios/faults'], { root: 'scenarios', seed: 1, targets: targetLookup({ root: 'scenarios' }) });
 */
export function loadScenarios(
  paths: readonly string[],
  { root = 'scenarios', ...plan }: LoadOptions = {},
): Case[] {
  const { files, problems } = findScenarioFiles(paths, root);
  const cases: Case[] = [];
  for (const { path, name } of files) {
    const text = readText(path, problems);
    if (text === undefined) continue;
    const parsed = parseScenario(name, displayPath(path), text);
    problems.push(...parsed.problems);
    if (parsed.scenario === undefined) continue;
    const planned = tryPlanCases(parsed.scenario, plan);
    problems.push(...planned.problems);
    cases.push(...planned.cases);
  }
  throwProblems('LASTFIN_SCENARIO_INVALID', problems);
  return cases.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function readText(path: string, problems: Problem[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.push({ message: `${displayPath(path)}: cannot be read: ${why}` });
    return undefined;
  }
}

/** As short as it can be and still opens from here. */
export function displayPath(path: string): string {
  const fromHere = relative(process.cwd(), resolve(path));
  return fromHere.startsWith('..') ? resolve(path) : fromHere;
}
