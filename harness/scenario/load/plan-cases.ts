import { caseSeed } from './case-seed.ts';
import { expectationIssues } from '../check/check-expectations.ts';
import { faultIssues } from '../check/check-faults.ts';
import { loadIssues } from '../check/check-load.ts';
import { scriptIssues } from '../check/check-scripts.ts';
import { serverIssues } from '../check/check-server.ts';
import { expandRepeats } from './expand-repeats.ts';
import { hopsOf, isPipe, targetIssues } from '../check/check-target.ts';
import type { TargetLookup } from '../check/target-lookup.ts';
import { type Cell, cellLabel } from './matrix.ts';
import type { Scenario } from './parse-scenario.ts';
import { type Issue, type Problem, problemOf, throwProblems } from '../../../shared/yaml-file/problem.ts';
import type { Case } from '../case.ts';
import { clientGroups } from '../client-groups.ts';
import { type CheckedScenario, joinClients, scenarioSchema } from '../schema/scenario-schema.ts';
import { countValues } from '../../../shared/yaml-file/values/count-values.ts';
import { YAML_LIMITS } from '../../../shared/yaml-file/yaml-limits.ts';
import { checkSchema, isRecord } from '../../../shared/yaml-file/schema-issues.ts';
import { substitute } from './substitute.ts';

export type PlanOptions = {
  /** seed of the run, from which each case derives its own */
  seed?: number;
  /** finds targets; without it, settings and routes are not checked */
  targets?: TargetLookup;
  /** target of a user's scenarios that name none; by default the reference proxy, for which the shipped ones are written */
  targetOfOwn?: string;
  /** target against which a user's scenarios for the reference proxy are checked */
  reference?: string;
  /** target for a user's scenarios instead of the one that they name: the one requested by name */
  targetInstead?: string;
  /** makes a target's path one that opens from here */
  targetPath?: (target: string) => string;
};

/**
 * Plans the cases of a scenario: one for each cell of its matrix, all defaults filled in. Pure.
 *
 * @throws {LastfinError} LASTFIN_SCENARIO_INVALID with every problem of every cell.
 * @example
 * const { scenario } = parseScenario('faults/x', 'x.yaml', text);
 * if (scenario !== undefined) planCases(scenario, { seed: 1 });
 */
export function planCases(scenario: Scenario, options: PlanOptions = {}): Case[] {
  const { cases, problems } = tryPlanCases(scenario, options);
  throwProblems('LASTFIN_SCENARIO_INVALID', problems);
  return cases;
}

/** Plans cases for a caller that collects the problems of many files. */
export function tryPlanCases(
  scenario: Scenario,
  options: PlanOptions = {},
): { cases: Case[]; problems: Problem[] } {
  const cases: Case[] = [];
  const found = new Map<string, { issue: Issue; cells: string[] }>();
  let values = 0;
  for (const cell of scenario.cells) {
    if (values > MOST_VALUES || found.size > MOST_ISSUES) break;
    const planned = checkCell(scenario, cell, options);
    values += planned.values;
    if (planned.checked !== undefined) cases.push(toCase(scenario, cell, planned.checked, options.seed ?? 1));
    for (const issue of planned.issues) {
      const key = JSON.stringify([issue.path, issue.part, issue.message]);
      const known = found.get(key);
      if (known === undefined) found.set(key, { issue, cells: [cellLabel(cell.names)] });
      else known.cells.push(cellLabel(cell.names));
    }
  }
  if (values > MOST_VALUES) {
    const message = `the cells of this matrix have more than ${MOST_VALUES} values in all, variables and repeats written out`;
    const issue: Issue = { path: ['matrix'], part: 'key', message };
    return { cases: [], problems: [problemOf(scenario.source, issue)] };
  }
  const problems = [...found.values()].slice(0, YAML_LIMITS.problems).map(({ issue, cells }) =>
    problemOf(scenario.source, {
      ...issue,
      message: issue.message + inCells(cells, scenario.cells.length),
    }),
  );
  return { cases, problems };
}

/** Most values of all cells of a scenario: a file of a few lines can ask for a thousand cases of ten thousand steps each. */
const MOST_VALUES = 50_000;
/** Number of different problems after which no further cell is examined. */
const MOST_ISSUES = 100;

/** Names the cells of a problem; a problem of every cell has nothing to do with the matrix. */
function inCells(cells: string[], all: number): string {
  if (cells.length === all) return '';
  const more = cells.length > 1 ? ` and ${cells.length - 1} more` : '';
  return ` (in [${cells[0]}]${more})`;
}

/** Name of the reference proxy's target file. */
const REFERENCE = 'proxy';

/** Result for a cell; without a scenario there is at least one issue. */
type CheckedCell = { checked?: CheckedScenario; issues: Issue[]; values: number };

function checkCell(
  scenario: Scenario,
  cell: Cell,
  { targets, targetOfOwn = REFERENCE, reference, targetInstead, targetPath = (path) => path }: PlanOptions,
): CheckedCell {
  const filled = substitute(scenario.body, cell);
  if (filled.issues.length > 0) return { issues: filled.issues, values: 0 };
  const written = expandRepeats(filled.value);
  const values = countValues(written.value, MOST_VALUES);
  if (written.issues.length > 0)
    return { values, issues: written.issues.map((issue) => ({ ...issue, path: filled.origin(issue.path) })) };
  const located = (issues: Issue[]): Issue[] =>
    issues.map((issue) => ({ ...issue, path: filled.origin(written.origin(issue.path)) }));
  const form = checkSchema(scenarioSchema, written.value);
  // the meaning is checked once the form is right: half-read scripts mean nothing
  const clientless = missingClient(filled.value);
  if (!form.ok || clientless.length > 0)
    return { values, issues: located([...(form.ok ? [] : form.issues), ...clientless]) };
  const ownTarget = form.value.target !== undefined;
  const replacing = ownTarget && scenario.kind === 'own' ? targetInstead : undefined;
  const foreign = !ownTarget && scenario.kind !== 'own' && reference !== undefined;
  const named = form.value.target === undefined ? undefined : targetPath(form.value.target);
  const { checked, issues: twice } = joinClients({
    ...form.value,
    target: replacing ?? named ?? (scenario.kind === 'own' ? targetOfOwn : (reference ?? REFERENCE)),
    ownTarget,
  });
  if (twice.length > 0) return { values, issues: located(twice) };
  const issues = [
    ...scriptIssues(checked, isPipe(checked, targets)),
    ...faultIssues(checked),
    ...loadIssues(checked),
    ...serverIssues(checked),
    ...expectationIssues(checked, hopsOf(checked, targets)),
    ...concurrencyIssues(checked),
    ...targetIssues(checked, targets, replacing !== undefined || foreign),
  ];
  return issues.length > 0 ? { values, issues: located(issues) } : { checked, values, issues };
}

/** Requires a client; the schema cannot do that without hiding the file's other problems. */
function missingClient(body: unknown): Issue[] {
  if (!isRecord(body) || 'client' in body || 'clients' in body) return [];
  return [{ path: [], message: '`client` is missing' }];
}

function concurrencyIssues(scenario: CheckedScenario): Issue[] {
  return clientGroups(scenario).flatMap(({ count, concurrent, path }) => {
    if (concurrent <= count) return [];
    const message = `${concurrent} concurrent connections of ${count}: \`concurrent\` cannot be more than \`count\``;
    const holder = scenario.clients === undefined ? ['connections'] : path.slice(0, -1);
    return [{ path: [...holder, 'concurrent'], message }];
  });
}

function toCase(scenario: Scenario, cell: Cell, checked: CheckedScenario, seed: number): Case {
  const label = cellLabel(cell.names);
  const id = label === '' ? scenario.name : `${scenario.name}[${label}]`;
  const { line, column } = scenario.source.locate([]);
  const { matrix: _matrix, exclude: _exclude, ...rest } = checked;
  return {
    id,
    scenario: scenario.name,
    kind: scenario.kind,
    cell: cell.names,
    source: { file: scenario.source.file, line, column },
    ...rest,
    seed: caseSeed(seed, id),
  };
}
